/** `encodeText` and `decodeAt` are only faster: they mean the same as `encode` and `decode`. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytes } from '../../src/serde/bytes.ts'
import { json } from '../../src/serde/json.ts'
import { nullable } from '../../src/serde/nullable.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { shortcutsOf } from '../../src/serde/shortcuts.ts'
import { text } from '../../src/serde/text.ts'

/** Half surrogate pairs too. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
)
const anyBytes = fc.oneof(
  fc.uint8Array().map((array) => Buffer.from(array)),
  anyText.map((one) => Buffer.from(one)),
  fc.json().map((one) => Buffer.from(one)),
)

const serdes: readonly (readonly [string, Serde<unknown>, fc.Arbitrary<unknown>])[] = [
  ['text', text as Serde<unknown>, anyText],
  ['nullable(text)', nullable(text) as Serde<unknown>, fc.option(anyText)],
  ['json()', json(), fc.oneof(fc.jsonValue(), anyText, fc.constant(Number.NaN))],
  ['nullable(json())', nullable(json()), fc.option(fc.jsonValue())],
]

function outcome<R>(act: () => R): unknown {
  try {
    return { is: act() }
  } catch (thrown) {
    return { throws: String(thrown) }
  }
}

function inBytes(encoded: string | null | undefined): Buffer | null {
  return typeof encoded === 'string' ? Buffer.from(encoded) : null
}

describe.each(serdes)('%s', (_, serde, values) => {
  it('encodes to a text whose UTF-8 are the bytes that it encodes to, or refuses both', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(outcome(() => inBytes(shortcutsOf(serde).encodeText?.(value)))).toEqual(
          outcome(() => serde.encode(value)),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('decodes bytes amid others as it decodes them alone, or refuses both', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, anyBytes, (before, its, behind) => {
        const all = Buffer.concat([before, its, behind])
        const at = before.length
        expect(outcome(() => shortcutsOf(serde).decodeAt?.(all, at, at + its.length))).toEqual(
          outcome(() => serde.decode(its)),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe('a serde that is made from another one by spreading it', () => {
  it('has no shortcuts, since they would go past what it does differently', () => {
    const shouting: Serde<string> = { ...text, decode: (bytes) => text.decode(bytes).toUpperCase() }
    expect(shortcutsOf(text).decodeAt).toBeDefined()
    expect(shortcutsOf(shouting)).toEqual({})
  })
})

describe('nullable', () => {
  it('has no shortcut that its codec does not have', () => {
    const { encodeText, decodeAt } = shortcutsOf(nullable(bytes))
    expect([encodeText, decodeAt]).toEqual([undefined, undefined])
  })
})
