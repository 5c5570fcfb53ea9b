/** The contract test of operators: ours pass it, and an operator that breaks a rule is found out by that rule. */

import { catchError, EMPTY, Observable, filter as rxFilter, map as rxMap, scan as rxScan, take } from 'rxjs'
import { asyncMap, dedupe, filter, flatMap, keyBy, lift, map, mapWithState, scan, tumbling, window } from 'rxweft'
import {
  asStream,
  operate,
  type Step,
  type StreamElement,
  type StreamOperator,
  watermark,
  withValue,
} from 'rxweft/extend'
import { behavesAsAnOperator, ContractError } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { totalAtBarriers } from '../../../examples/extend/totalAtBarriers.ts'
import { asOperator } from '../../../tools/support/asOperator.ts'
import { expectBroken } from './broken.ts'

const values = [3, 1, 4, 1, 5, 9]
const key = (value: number): number => value % 2
const id = 'op'

describe('behavesAsAnOperator', () => {
  it.each<[string, StreamOperator<number, unknown>]>([
    ['map', map((value) => value + 1)],
    ['filter', filter((value) => value > 1)],
    ['flatMap', flatMap((value) => [value, value])],
    ['keyBy', keyBy((value: number) => value)],
    ['asyncMap', asyncMap(async (value) => value)],
    ['lift', lift(rxMap((value: number) => value))],
    ['an operator that emits at barriers', totalAtBarriers('total')],
  ])('lets %s pass', async (_, operator) => {
    await behavesAsAnOperator(operator, { values })
  })

  it.each<[string, StreamOperator<number, unknown, number>]>([
    ['scan', scan((sum: number, value: number) => sum + value, 0, { id })],
    ['mapWithState', mapWithState((sum: number, value: number) => [sum + value, sum], 0, { id })],
    ['dedupe', dedupe((value: number) => value, 60_000, { id })],
    ['window', window(tumbling(2_000)).reduce((a: number, b: number) => a + b, { id })],
  ])('lets %s pass, and its keyed state', async (_, operator) => {
    await behavesAsAnOperator(operator, { values, key })
  })

  it('wants values', async () => {
    await expect(behavesAsAnOperator(map(String), { values: [] })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })

  it('lists all broken rules in one error, which names them', async () => {
    const error = await behavesAsAnOperator(asOperator(take<StreamElement<number, null>>(1)), { values }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(ContractError)
    expect(error).toMatchObject({ code: 'CONTRACT_BROKEN', consequence: 'fatal' })
    expect((error as ContractError).broken.length).toBeGreaterThan(2)
    expect((error as ContractError).message).toContain('the operator passes every barrier on, once and in order')
  })
})

/** An operator that passes everything on, but for what its step does otherwise. */
const custom = (step: (out: { next(element: StreamElement<number>): void }) => Partial<Step<number>>) =>
  operate<number, number>('custom', (out) => ({ record: (record) => out.next(record), ...step(out) }))

const shared: number[] = []

describe('behavesAsAnOperator finds out an operator that', () => {
  it.each<[string, string, StreamOperator<number, number>]>([
    ['drops barriers', 'passes every barrier on', custom(() => ({ barrier: () => undefined }))],
    [
      'drops barriers, by filter of RxJS',
      'passes every barrier on',
      asOperator(rxFilter((one) => one.kind !== 'barrier')),
    ],
    [
      'emits a barrier twice',
      'passes every barrier on',
      custom((out) => ({
        barrier(barrier) {
          out.next(barrier)
          out.next(barrier)
        },
      })),
    ],
    [
      'makes barriers of its own',
      'leaves what a barrier has gathered',
      custom((out) => ({
        barrier: ({ checkpoint }) => out.next({ kind: 'barrier', checkpoint, positions: [], states: [] }),
      })),
    ],
    ['drops the Restore', 'passes the Restore on', custom(() => ({ restore: () => undefined }))],
    ['drops watermarks', 'passes watermarks and Idle on', custom(() => ({ watermark: () => undefined }))],
    ['drops Idle', 'passes watermarks and Idle on', custom(() => ({ idle: () => undefined }))],
    [
      'is ahead of its input in time',
      'passes watermarks and Idle on',
      custom((out) => ({ watermark: ({ timestamp }) => out.next(watermark(timestamp + 1)) })),
    ],
    [
      'emits records that are none',
      'emits whole records',
      custom((out) => ({ record: ({ kind, value }) => out.next({ kind, value } as StreamElement<number>) })),
    ],
    [
      'shares its state between subscriptions',
      'keeps no state between subscriptions',
      custom((out) => ({ record: (record) => out.next(withValue(record, shared.push(record.value))) })),
    ],
    [
      'remembers something that is not in the barrier',
      'goes on after a restart',
      lift(rxScan((sum: number, value: number) => sum + value, 0)),
    ],
    [
      'lets a barrier overtake a record',
      'goes on after a restart',
      custom((out) => {
        const held: StreamElement<number>[] = []
        return {
          record: (record) => void held.push(record),
          barrier(barrier) {
            out.next(barrier)
            for (const record of held.splice(0)) out.next(record)
          },
        }
      }),
    ],
    [
      'throws',
      'emits without an error',
      custom(() => ({
        record: () => {
          throw new Error('no')
        },
      })),
    ],
    ['completes early', 'emits without an error', asOperator(take(4))],
    ['never completes', 'emits without an error', custom(() => ({ complete: () => undefined }))],
    ['hides the error of its input', 'errors with the error of its input', asOperator(catchError(() => EMPTY))],
    [
      'stays subscribed',
      'leaves its input when it is unsubscribed',
      (source) =>
        asStream(
          new Observable((out) => {
            source.subscribe({
              next: (element) => out.next(element),
              error: (error: unknown) => out.error(error),
              complete: () => out.complete(),
            })
          }),
        ),
    ],
    [
      'keeps a credit',
      'leaves its input when it is unsubscribed, and gives back',
      custom((out) => ({
        restore(restore) {
          restore.services.credits.take()
          out.next(restore)
        },
      })),
    ],
  ])('%s', async (_, rule, operator) => {
    await expectBroken(behavesAsAnOperator(operator, { values }), rule)
  })
})
