import { expect, it } from 'vitest'
import { FatalError } from '../../../src/errors.ts'
import { letterOf } from '../../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../../src/job/badRecords/deadLetterJson.ts'
import { streamRecord } from '../../../src/record.ts'

it('A letter of a whole record batch has its first and its last offset and no value, also as JSON', () => {
  const split = { topic: 't', partition: 3 }
  const record = streamRecord(null, 7, null, [], split, 5)
  const error = new FatalError('BATCH_TOO_LARGE', 'large', { badRecord: true, where: { ...split, lastOffset: 9 } })
  const { value } = letterOf('j', { record, operator: 's', checkpoint: 1, error })
  expect(value).toMatchObject({ ...split, offset: 5, lastOffset: 9, value: null, key: null, timestamp: 7 })
  expect(deadLetterJson.decode(deadLetterJson.encode(value) as Buffer)).toEqual(value)
})

it('A letter has the key of its record if any sink can write it, and no key if it may be what is wrong', () => {
  const keyOf = (key: unknown) => {
    const record = streamRecord('v', 7, key, [], { topic: 't', partition: 0 }, 5)
    const error = new FatalError('KEY_NOT_ENCODABLE', 'wrong', { badRecord: true })
    const letter = letterOf('j', { record, operator: 's', checkpoint: 1, error })
    expect(letter.value.key).toBe(key)
    return letter.key
  }
  const bytes = Buffer.from([0xff])
  expect(['k', '', '\u{1f600}', bytes].map(keyOf)).toEqual(['k', '', '\u{1f600}', bytes])
  expect(['\ud800', 'a\udc00', 5, null, { id: 1 }].map(keyOf)).toEqual([null, null, null, null, null])
})
