import { expect, it } from 'vitest'
import { deadLetterJson } from '../../src/job/badRecords/deadLetterJson.ts'

it.each(['{"value":"secret', '{"a":secret}', '[1', 'secret', '{"id":9007199254740993}'])(
  'What is no dead letter is refused without a word of it: %s',
  (text) => {
    expect(() => deadLetterJson.decode(Buffer.from(text))).toThrow(new TypeError('the bytes are not a dead letter'))
  },
)
