/**
 * A simulated operating-system process: what its code asks of the world, and what the world brings to it, passes through here. So it
 * can be killed (nothing comes in or goes out any more), or stopped and woken up later (everything waits, in order): a zombie.
 */
import type { Clock } from '../../../src/attempt.ts'
import type { Agenda, Entry } from './agenda.ts'

export interface Process {
  readonly name: string
  readonly state: 'running' | 'paused' | 'dead'
  /** When it was started, or woken up last, ms of the agenda. */
  readonly runningSince: number
  /** What its code asks for: goes out now, at the wake-up, or never. */
  send(request: () => void): void
  /** What comes in: now, after the wake-up, or never. */
  receive(event: () => void): void
  readonly clock: Clock
  /** Somebody sets its clock: the time of day is so many ms later, or earlier, and no time has passed. */
  setClock(ms: number): void
  kill(): void
  pause(): void
  wake(): void
}

/** @param pace of its clock: ms that it counts for each one that passes */
export function simulatedProcess(name: string, agenda: Agenda, pace = 1): Process {
  const going: (() => void)[] = []
  const coming: (() => void)[] = []
  const started = agenda.now()
  const monotonic = (): number => (agenda.now() - started) * pace
  let state: Process['state'] = 'running'
  /** How far the clock has been set forward. */
  let ahead = 0
  let runningSince = started

  function receive(event: () => void): void {
    if (state === 'running' && coming.length === 0) event()
    else if (state !== 'dead') coming.push(event)
  }

  /** One at a time, so that promises settle in between; what comes meanwhile queues up behind. */
  function catchUp(): void {
    if (state !== 'running') return
    coming.shift()?.()
    if (coming.length > 0) agenda.after(0, catchUp)
  }

  return {
    name,
    get state() {
      return state
    },
    get runningSince() {
      return runningSince
    },
    send(request) {
      if (state === 'running') request()
      else if (state === 'paused') going.push(request)
    },
    receive,
    clock: {
      now: () => started + Math.floor(monotonic()) + ahead,
      monotonic,
      setTimeout(callback, delay) {
        const timer: { entry: Entry; cleared: boolean } = {
          cleared: false,
          entry: agenda.after(Math.ceil(delay / pace), fire),
        }
        function fire(): void {
          receive(() => timer.cleared || callback())
        }
        return timer
      },
      clearTimeout(timer) {
        if (timer === undefined) return
        const known = timer as { entry: Entry; cleared: boolean }
        known.cleared = true
        agenda.cancel(known.entry)
      },
    },
    setClock(ms) {
      ahead += ms
    },
    kill() {
      state = 'dead'
      going.length = coming.length = 0
    },
    pause() {
      if (state === 'running') state = 'paused'
    },
    wake() {
      if (state !== 'paused') return
      state = 'running'
      runningSince = agenda.now()
      for (const request of going.splice(0)) request()
      if (coming.length > 0) agenda.after(0, catchUp)
    },
  }
}
