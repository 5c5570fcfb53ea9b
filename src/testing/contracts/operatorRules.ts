/**
 * The rules of an operator: what the runner, the sources before it and the sinks behind it rely on.
 */
import { isDeepStrictEqual } from 'node:util'
import type { StreamElement } from '../../element.ts'
import type { StreamRecord } from '../../record.ts'
import { testServices } from '../testServices.ts'
import { cut, gathered, inCheckpoints, type OperatorPlay, recordsOf, watermarks } from './operatorPlay.ts'
import { holds, type Rule, same } from './rules.ts'

export function operatorRules(play: OperatorPlay): readonly Rule[] {
  return [
    {
      rule: 'emits without an error, and completes when its input does',
      async check() {
        const { marbles, error } = await play.whole()
        if (error !== undefined) throw error
        holds('What it emitted does not end in |', marbles.endsWith('|'), marbles)
      },
    },
    {
      rule: 'passes the Restore on, once, before everything else',
      async check() {
        const kinds = (await play.whole()).elements.map(({ kind }) => kind)
        holds('The first element is not the Restore', kinds[0] === 'restore', kinds.slice(0, 3))
        same('Number of Restores', kinds.filter((kind) => kind === 'restore').length, 1)
      },
    },
    {
      rule: 'passes every barrier on, once and in order',
      async check() {
        const passed = (await play.whole()).elements.flatMap((one) => (one.kind === 'barrier' ? [one.checkpoint] : []))
        same('Barriers that left it', passed, [1, 2, 3])
      },
    },
    {
      rule: 'leaves what a barrier has gathered as it is, and only adds to it',
      async check() {
        for (const element of (await play.whole()).elements) {
          if (element.kind !== 'barrier') continue
          same('Positions of the barrier', element.positions, gathered.positions)
          const kept = element.states.some((state) => isDeepStrictEqual(state, gathered.states[0]))
          holds('The state of the operator before it is gone', kept, element.states)
        }
      },
    },
    {
      rule: 'passes watermarks and Idle on, never ahead of its input',
      async check() {
        const { elements } = await play.whole()
        const passed = elements.flatMap((one) => (one.kind === 'watermark' ? [one.timestamp] : []))
        same(
          'Watermarks that left it',
          passed,
          [...passed].sort((a, b) => a - b),
        )
        holds('The last watermark has not left it', passed.at(-1) === Infinity, passed)
        holds(
          'Idle has not left it',
          elements.some(({ kind }) => kind === 'idle'),
        )
        for (const [at, part] of inCheckpoints(elements).entries()) notAhead(part, watermarks[at] ?? Infinity)
      },
    },
    {
      rule: 'emits whole records: value, key, timestamp, headers and place',
      async check() {
        for (const record of recordsOf((await play.whole()).elements)) {
          holds('The record is not whole', isWhole(record), record)
        }
      },
    },
    {
      rule: 'keeps no state between subscriptions',
      async check() {
        const first = recordsOf((await play.whole()).elements)
        same('Records of the second subscription', recordsOf((await play.whole()).elements), first)
      },
    },
    {
      rule: 'goes on after a restart as if there had been none: what it remembers is in the barrier',
      async check() {
        const undisturbed = await play.whole()
        const parts = inCheckpoints(undisturbed.elements)
        for (const checkpoint of [1, 2]) {
          const expected = recordsOf(parts.slice(checkpoint).flat())
          const resumed = await play.after(checkpoint, undisturbed)
          if (resumed.error !== undefined) throw resumed.error
          const values = (records: readonly StreamRecord<unknown>[]) =>
            records.map(({ value, key }) => ({ value, key }))
          same(`Values after checkpoint ${checkpoint}`, values(recordsOf(resumed.elements)), values(expected))
        }
      },
    },
    {
      rule: 'errors with the error of its input',
      async check() {
        const error = new Error('of the input')
        same('Its error', (await play.failing(error)).error, error)
      },
    },
    {
      rule: 'leaves its input when it is unsubscribed, and gives back its credits',
      async check() {
        const services = testServices()
        const { subscriptions } = await play.unsubscribed(services)
        const late = subscriptions.filter((one) => one.length !== cut + 1)
        holds('Its input was not left then', late.length === 0, late)
        same('Credits that it holds', services.credits.inFlight, 0)
        const ended = testServices()
        await play.whole(ended)
        same('Credits that it holds at the end', ended.credits.inFlight, 0)
      },
    },
  ]
}

function notAhead(part: readonly StreamElement<unknown>[], limit: number): void {
  const ahead = part.find((one) => one.kind === 'watermark' && one.timestamp > limit)
  holds('A watermark is ahead of the input', ahead === undefined, ahead)
}

function isWhole(record: StreamRecord<unknown>): boolean {
  const { timestamp, headers, split, offset } = record
  const timed = typeof timestamp === 'number' && Number.isFinite(timestamp)
  const placed = typeof split?.topic === 'string' && Number.isInteger(split.partition) && Number.isInteger(offset)
  return timed && placed && Array.isArray(headers) && 'key' in record && 'value' in record
}
