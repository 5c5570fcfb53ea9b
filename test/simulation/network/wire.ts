/**
 * One simulated TCP connection: requests arrive in order, are handled one after the other, and are answered in order, until it breaks.
 * It can break in all the ways that leave a client in doubt:
 *
 *   lose request   the broker never gets it               late     the client hears that it broke; the broker gets it long after
 *   lose answer    the broker has done it                 silent   nothing at all, until the client gives up
 *
 * And in two ways that do not: `replayed`, it is handled again after a while; `frozen`, whoever gets the answer is stopped as it has read it.
 *
 * Where one direction is blocked, nobody hears of it: what was sent is sent again and again, as TCP does, until it gets through or the
 * client has given up.
 */
import type { Brokers } from '../broker/brokers.ts'
import type { Agenda } from '../core/agenda.ts'
import type { Random } from '../core/random.ts'

export type Direction = 'request' | 'answer'

export type Fate = 'fine' | 'lose request' | 'lose answer' | 'late' | 'silent' | 'replayed' | 'frozen'

export interface Request {
  readonly api: number
  readonly version: number
  readonly args: unknown
  readonly fate: Fate
  /** ms */
  readonly latency: number
  readonly answered: (answer: unknown) => void
  readonly lost: () => void
  /** Whether nothing gets through that way now. Default: it does. */
  readonly blocked?: ((way: Direction) => boolean) | undefined
}

export interface Wire {
  readonly alive: boolean
  send(request: Request): void
  /** Breaks it: whatever is under way is lost, on one side or on both. */
  cut(): void
}

interface Sent extends Request {
  arrived: boolean
}

/** Interval of sending again what does not get through, ms. */
const retransmission = 500

export function wire(agenda: Agenda, random: Random, brokers: Brokers, node: number): Wire {
  const underway = new Set<Sent>()
  const queue: Sent[] = []
  /** Requests that do not get through, in order. */
  const held: Sent[] = []
  let alive = true
  let busy = false
  let lastArrival = 0
  let lastAnswer = 0

  function send(request: Request): void {
    const sent = { ...request, arrived: false }
    underway.add(sent)
    lastArrival = Math.max(lastArrival, agenda.now() + request.latency)
    agenda.after(lastArrival - agenda.now(), () => arrive(sent))
  }

  function arrive(sent: Sent): void {
    if (!alive) return
    if (held.length === 0 && !sent.blocked?.('request')) return deliver(sent)
    held.push(sent)
    if (held.length === 1) agenda.after(retransmission, sendAgain)
  }

  function sendAgain(): void {
    if (!alive) return
    if (held[0]?.blocked?.('request')) return void agenda.after(retransmission, sendAgain)
    for (const sent of held.splice(0)) if (alive) deliver(sent)
  }

  function deliver(sent: Sent): void {
    sent.arrived = true
    if (sent.fate === 'lose request') return cut()
    if (sent.fate === 'late') {
      handleLate(sent)
      return cut()
    }
    if (sent.fate === 'silent' && random.chance(0.5)) return sometimesLate(sent)
    if (sent.fate === 'replayed') handleLate(sent)
    queue.push(sent)
    next()
  }

  /** A broker handles one request of a connection at a time. */
  function next(): void {
    const sent = busy ? undefined : queue.shift()
    if (sent === undefined || !brokers.shared.topology.isUp(node)) return
    busy = true
    handle(sent, (answer) => {
      busy = false
      lastAnswer = Math.max(lastAnswer, agenda.now() + random.between(0, 3))
      agenda.after(lastAnswer - agenda.now(), () => answered(sent, answer))
      next()
    })
  }

  function handle(sent: Sent, reply: (answer: unknown) => void): void {
    brokers.handle(sent.api, { node, version: sent.version, args: sent.args }, reply)
  }

  function answered(sent: Sent, answer: unknown): void {
    if (!alive || sent.fate === 'silent') return
    if (sent.fate === 'lose answer') return cut()
    if (sent.blocked?.('answer')) return void agenda.after(retransmission, () => answered(sent, answer))
    underway.delete(sent)
    sent.answered(answer)
  }

  /** The client has given up long since, or will have. */
  function handleLate(sent: Sent): void {
    const late = (): void => {
      if (brokers.shared.topology.isUp(node)) handle(sent, () => undefined)
    }
    agenda.after(random.below(random.pick([40, 150, 150, 600, 1_500])), late)
  }

  function sometimesLate(sent: Sent): void {
    if (random.chance(0.5)) handleLate(sent)
  }

  function cut(): void {
    if (!alive) return
    alive = false
    for (const sent of underway) {
      if (!sent.arrived) sometimesLate(sent)
      sent.lost()
    }
    underway.clear()
  }

  return {
    get alive() {
      return alive
    },
    send,
    cut,
  }
}
