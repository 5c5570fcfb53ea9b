/**
 * Sign of life of a worker thread: the time at which its event loop last had a turn, in memory that
 * the main thread reads. Needs no message, so a thread that never returns from a function shows by
 * what it does not write.
 */

/** Time of the last turn, ns on the clock that all threads of a process share; 0 before it. */
export type Pulse = BigInt64Array<SharedArrayBuffer>

/** Silence after which a thread counts as hanging for those who have a choice, ms. */
export const hangsAfter = 3_000

/** Interval between two signs of life, ms. */
const interval = 1_000

export function newPulse(): Pulse {
  return new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT))
}

/** In the thread: writes the time now and at intervals, without keeping the thread alive. */
export function startPulse(pulse: Pulse): void {
  const beat = (): void => void Atomics.store(pulse, 0, process.hrtime.bigint())
  beat()
  setInterval(beat, interval).unref()
}

/** Time since the last sign of life, ms; 0 before the first one. */
export function silenceOf(pulse: Pulse): number {
  const last = Atomics.load(pulse, 0)
  return last === 0n ? 0 : Number(process.hrtime.bigint() - last) / 1e6
}
