/** A serde for strings that can decode only what has been prepared, and says what happens to it. */
import type { Buffer } from 'node:buffer'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'

export interface SlowSerde extends Serde<string> {
  /** "open", "prepare a", "decode a", ... in order */
  readonly calls: readonly string[]
}

/** @param prepare for each value: what is awaited; undefined: it can be decoded at once. It is ready afterwards, unless the promise rejects. */
export function slowSerde(prepare: (value: string) => Promise<void> | undefined = () => undefined): SlowSerde {
  const calls: string[] = []
  const ready = new Set<string>()
  const said = (bytes: Buffer | null): string => bytes?.toString() ?? 'null'
  return {
    calls,
    encode: text.encode,
    open: async () => void calls.push('open'),
    prepare(bytes) {
      const value = said(bytes)
      calls.push(`prepare ${value}`)
      const waiting = prepare(value)
      if (waiting === undefined) ready.add(value)
      return waiting?.then(() => void ready.add(value))
    },
    decode(bytes) {
      const value = said(bytes)
      calls.push(`decode ${value}`)
      if (!ready.has(value)) throw new TypeError('not prepared')
      return text.decode(bytes)
    },
  }
}
