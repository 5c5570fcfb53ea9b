/**
 * Resources of a process: memory after a garbage collection (--expose-gc), handles, and listeners.
 * To be imported before the job starts, since it keeps an eye on every AbortController that is
 * made.
 */
import { EventEmitter, getEventListeners } from 'node:events'
import { readdirSync } from 'node:fs'

export interface Inside {
  /** MB */
  readonly heap: number
  readonly rss: number
  /** process.getActiveResourcesInfo(), timers included. */
  readonly handles: number
  /** Open file descriptors, sockets included; 0 where the system does not tell. */
  readonly descriptors: number
  /** On every AbortSignal that is alive, on the sockets, and on the process. */
  readonly listeners: number
}

const signals = new Set<WeakRef<AbortSignal>>()

globalThis.AbortController = class extends AbortController {
  constructor() {
    super()
    signals.add(new WeakRef(this.signal))
  }
}

const megabyte = 1024 * 1024

export function inside(): Inside {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return {
    heap: heapUsed / megabyte,
    rss: rss / megabyte,
    handles: process.getActiveResourcesInfo().length,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    listeners: onSignals() + onEmitters(),
  }
}

function onSignals(): number {
  let listeners = 0
  for (const ref of signals) {
    const signal = ref.deref()
    if (signal === undefined) signals.delete(ref)
    else listeners += getEventListeners(signal, 'abort').length
  }
  return listeners
}

function onEmitters(): number {
  // Not documented, and the only way to get at the sockets of a process.
  const handles = (process as unknown as { _getActiveHandles(): readonly unknown[] })._getActiveHandles()
  const emitters = handles.filter((handle) => handle instanceof EventEmitter)
  const count = (emitter: EventEmitter) =>
    emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
  return [process as EventEmitter, ...emitters].reduce((sum, emitter) => sum + count(emitter), 0)
}
