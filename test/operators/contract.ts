/** Contract of every operator with one input, whatever it does to records. */

import { expect, it } from 'vitest'
import { type Barrier, barrier, watermark, withState } from '../../src/element.ts'
import { type StreamRecord, streamRecord } from '../../src/record.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { behavesAsAnOperator as keepsTheContract, runInTime } from '../../src/testing/index.ts'

/** @param operator emits for each record, in the same frame, exactly one with the same letter */
export function behavesAsAnOperator(operator: StreamOperator<string, string>): void {
  it('keeps every rule that users can test their operators by', async () => {
    await keepsTheContract(operator, { values: [...'abcabd'] })
  })

  it('emits in order, and completes with its input', async () => {
    expect((await runInTime(operator, 'R-a-b-(cd)-|')).marbles).toBe('R-a-b-(cd)-|')
  })

  it('completes when the input is empty, and is silent when the input is', async () => {
    expect((await runInTime(operator, 'R-|')).marbles).toBe('R-|')
    expect((await runInTime(operator, '|')).marbles).toBe('|')
    expect((await runInTime(operator, '-----')).marbles).toBe('-----')
  })

  it('errors with the error of its input', async () => {
    const error = new Error('of the source')
    const result = await runInTime(operator, 'R-a-#', { error })
    expect(result.marbles).toBe('R-a-#')
    expect(result.error).toBe(error)
  })

  it('leaves its input when it is unsubscribed, and emits nothing later', async () => {
    const result = await runInTime(operator, 'R-a-b-1-c-|', { unsubscribe: '-----!' })
    expect(result.marbles).toBe('R-a-b------')
    expect(result.subscriptions).toEqual(['^----!'])
  })

  it('lets restore, barriers, watermarks and idle pass unchanged and in their place', async () => {
    const values = {
      V: watermark(7),
      B: withState(barrier(3, [{ source: 's', splits: [] }]), 'op', 1),
      I: { kind: 'idle' as const },
    }
    const result = await runInTime(operator, 'R-1-a-V-b-B-I-c-2-|', { values })
    expect(result.marbles).toBe('R-1-a-V-b-B-I-c-2-|')
    expect(result.elements.find((e): e is Barrier => e.kind === 'barrier' && e.checkpoint === 3)).toBe(values.B)
  })

  it('keeps key, timestamp, headers and place of each record', async () => {
    const headers = [{ name: 'h', value: null }]
    const record = streamRecord('x', 1_234, 'key', headers, { topic: 't', partition: 3 }, 99)
    const { elements } = await runInTime(operator, 'Rx|', { values: { x: record as StreamRecord<never> } })
    expect(elements[1]).toEqual(record)
  })
}

/** What an operator errors with when the user's function throws at the record b of 'R-a-1-b-c-|'. */
export function failsAt(operator: string) {
  return {
    code: 'OPERATOR_FAILED',
    consequence: 'fatal',
    where: { operator, topic: 'marbles', partition: 0, offset: 1 },
    cause: expect.objectContaining({ message: 'no b' }),
  }
}

export function noB(value: string): string {
  if (value === 'b') throw new RangeError('no b')
  return value
}
