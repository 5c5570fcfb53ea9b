import { describe, expect, test } from 'vitest'
import {
  type CheckpointSettings,
  checkpointSettings,
  defaultCheckpointSettings,
} from '../../src/checkpoint/settings.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const wrong = (given: unknown) => thrownBy(() => checkpointSettings(given as Partial<CheckpointSettings>))

describe('checkpoint settings', () => {
  test('what is left out or undefined gets its default', () => {
    expect(checkpointSettings({})).toEqual(defaultCheckpointSettings)
    expect(checkpointSettings({ interval: undefined } as never)).toEqual(defaultCheckpointSettings)
    expect(checkpointSettings({ interval: 200, minPause: 10 })).toEqual({
      mode: 'exactly-once',
      interval: 200,
      minPause: 10,
      timeout: 60_000,
      maxConcurrent: 1,
    })
  })

  test('the values at the borders are allowed', () => {
    const least = { mode: 'at-least-once', interval: 1, minPause: 0, timeout: 1, maxConcurrent: 2 } as const
    expect(checkpointSettings(least)).toEqual(least)
    expect(checkpointSettings({ interval: 2 ** 31 - 1 }).interval).toBe(2 ** 31 - 1)
  })

  test('a timeout shorter than the interval is allowed', () => {
    expect(checkpointSettings({ interval: 5_000, timeout: 100 }).timeout).toBe(100)
  })

  test.each([
    ['interval', 0, 'interval is 0, must be a whole number of ms from 1 to 2147483647'],
    ['interval', 2 ** 31, 'interval is 2147483648'],
    ['interval', 1.5, 'interval is 1.5'],
    ['interval', '5000', 'interval is of type string'],
    ['interval', Number.NaN, 'interval is NaN'],
    ['minPause', -1, 'minPause is -1, must be a whole number of ms from 0'],
    ['timeout', 0, 'timeout is 0'],
    ['timeout', Number.POSITIVE_INFINITY, 'timeout is Infinity'],
    ['maxConcurrent', 3, 'maxConcurrent is 3, must be 1 or 2'],
    ['maxConcurrent', null, 'maxConcurrent is null'],
    ['mode', 'exactly_once', "mode is \"exactly_once\", must be 'exactly-once' or 'at-least-once'"],
    ['minpause', 5, 'there is no option "minpause", did you mean "minPause"'],
    ['toString', 5, 'there is no option "toString"'],
  ])('%s: %s is refused, with what it got and what is allowed', (name, value, text) => {
    const error = wrong({ [name]: value })
    expect(error).toMatchObject({ code: 'BAD_OPTION', consequence: 'fatal' })
    expect(error.message).toContain(text)
  })

  test('all that is wrong is said at once', () => {
    const { message } = wrong({ interval: 0, timeout: -5, maxConcurrent: 2 })
    expect(message).toContain('interval is 0')
    expect(message).toContain('timeout is -5')
    expect(message).not.toContain('maxConcurrent is')
  })
})
