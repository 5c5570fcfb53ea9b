/**
 * A simulated operating-system process: what its code asks of the world, and what the world brings to it, passes through here. So it
 * can be killed (nothing comes in or goes out any more), or stopped and woken up later (everything waits, in order): a zombie.
 */
import type { Clock } from '../../../src/element.ts'
import type { Agenda, Entry } from './agenda.ts'

export interface Process {
  readonly name: string
  readonly state: 'running' | 'paused' | 'dead'
  /** What its code asks for: goes out now, at the wake-up, or never. */
  send(request: () => void): void
  /** What comes in: now, after the wake-up, or never. */
  receive(event: () => void): void
  readonly clock: Clock
  kill(): void
  pause(): void
  wake(): void
}

export function simulatedProcess(name: string, agenda: Agenda): Process {
  const going: (() => void)[] = []
  const coming: (() => void)[] = []
  let state: Process['state'] = 'running'

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
    send(request) {
      if (state === 'running') request()
      else if (state === 'paused') going.push(request)
    },
    receive,
    clock: {
      now: agenda.now,
      setTimeout(callback, delay) {
        const timer: { entry: Entry; cleared: boolean } = {
          cleared: false,
          entry: agenda.after(Math.ceil(delay), fire),
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
      for (const request of going.splice(0)) request()
      if (coming.length > 0) agenda.after(0, catchUp)
    },
  }
}
