import type { Key } from '../record.ts'
import { type Stamped, type StateOptions, stampedSpec, timedSpec } from '../state/stateOptions.ts'
import { type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import { eventTime } from './keyed/keyedValue.ts'

/**
 * Makes a table of a stream: keeps the latest record of each key, and emits each that replaces it.
 *
 *     R--a@5--b@7--c@6--1--d@7--|       of one key, with their timestamps
 *     latestByKey({ id: 'latest' })
 *     R--a@5--b@7-------1--d@7--|
 *
 * The latest record is the one with the highest timestamp; of equal ones, the last to come. Older
 * records are dropped. null is a value like others. The table is in the checkpoints, where
 * `job.state` and savepoints show it. After the deduplication of Flink SQL that keeps the last row.
 *
 * @param options `codec` is that of the values
 */
export function latestByKey<T, K extends Key>(
  options: StatefulOptions & StateOptions<NoInfer<T>>,
): KeyedOperator<T, K, T> {
  return keyed<T, K, T>('latestByKey', options, keyedRules, (context) => {
    const time = eventTime(context)
    const { ttl } = options
    const spec = ttl === undefined ? timedSpec<T>(options) : stampedSpec<T>(options, ttl, time.now)
    const table = context.store.values<K, Stamped<T>>('latest', spec)
    return {
      record(record) {
        const { key, timestamp, value } = record
        time.saw(timestamp)
        const kept = table.get(key)
        if (kept !== undefined && timestamp < kept.at) return
        table.set(key, { at: timestamp, value })
        context.out.next(record)
      },
    }
  })
}
