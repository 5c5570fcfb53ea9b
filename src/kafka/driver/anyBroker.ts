/**
 * Asks one broker after another until one answers. One broker's failure says nothing about the
 * cluster: the broker may be stopped, paused or partitioned, or the only one with an expired
 * certificate.
 *
 *   a: ------------x (failed)         c: ------------------ ... (silent)
 *   b:             ------> answer     a:           ------> answer
 */
import { FatalError, RxweftError } from '../../errors.ts'
import type { Address } from './address.ts'
import { noneReachable } from './failures.ts'

/**
 * Returns the first answer. Rejects once all have failed: with Retriable BROKERS_UNREACHABLE and
 * every reason; with Fatal if every broker refuses for good; at once if this side has closed its
 * connections.
 *
 * @param silence after this time without an answer, ms, the next broker is asked as well
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
 * If all brokers refuse for good, tries twice more before it rejects: credentials and certificates
 * reach one broker at a time.
 *
 * @param pause before the second try, ms; doubled before the third
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
