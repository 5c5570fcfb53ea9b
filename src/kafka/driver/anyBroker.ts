/**
 * Asks one broker after the other until one answers. No answer of one broker counts for the
 * cluster: it may be stopped, paused, cut off, or be the only one whose certificate has expired.
 *
 *   a: ------------x (failed)         c: ------------------ ... (silent)
 *   b:             ------> answer     a:           ------> answer
 */
import { FatalError, RxweftError } from '../../errors.ts'
import type { Address } from './address.ts'
import { noneReachable } from './failures.ts'

/**
 * The first answer. Rejects when all have failed: with Retriable BROKERS_UNREACHABLE, which says
 * why each of them has; with Fatal where each of them refuses for good; at once, where this side
 * has closed its connections.
 *
 * @param silence a broker that has not answered for so long, ms, may still do so, but the next one
 *   is asked as well
 */
export function firstAnswer<A>(
  brokers: readonly Address[],
  silence: number,
  ask: (broker: Address) => Promise<A>,
): Promise<A> {
  return new Promise((resolve, reject) => {
    const failures: (readonly [Address, RxweftError])[] = []
    let asked = 0
    let timer: NodeJS.Timeout | undefined

    function next(): void {
      clearTimeout(timer)
      const broker = brokers[asked]
      if (broker === undefined) return
      asked += 1
      timer = setTimeout(next, silence)
      ask(broker).then(
        (answer) => {
          clearTimeout(timer)
          resolve(answer)
        },
        (error) => failed(broker, error),
      )
    }

    function failed(broker: Address, error: unknown): void {
      const over = !(error instanceof RxweftError) || error.code === 'CONNECTION_CLOSED'
      if (!over) failures.push([broker, error])
      if (over || failures.length === brokers.length) {
        clearTimeout(timer)
        reject(over ? error : noneReachable(failures))
      } else next()
    }

    next()
  })
}

/**
 * Tries again twice where all brokers refuse for good, before it rejects with that: credentials
 * spread, and certificates are renewed, one broker at a time.
 *
 * @param pause before the second try, ms; twice as long before the third
 */
export async function believed<A>(pause: number, attempt: () => Promise<A>): Promise<A> {
  for (const delay of [pause, 2 * pause]) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof FatalError)) throw error
      await new Promise((resolve) => setTimeout(resolve, delay))
    }
  }
  return attempt()
}
