/** What a snapshot on the simulated disk says of the running totals: read here on its own, with the snapshots that it builds on. */
import { readEntries } from '../../../src/state/entries.ts'
import { decodeKey } from '../../../src/state/keys.ts'
import { type Total, totalsId } from '../job/runningTotals.ts'

interface Header {
  readonly base: readonly { readonly key: string }[]
}

/** By partition. Throws where a file is not there, or is no snapshot. */
export function storedTotals(files: ReadonlyMap<string, Uint8Array>, key: string): ReadonlyMap<unknown, Total> {
  const totals = new Map<unknown, Total>()
  const { base } = headerOf(fileAt(files, key))
  for (const one of [...base.map(({ key }) => key), key]) addTotals(fileAt(files, one), totals)
  return totals
}

function fileAt(files: ReadonlyMap<string, Uint8Array>, key: string): Buffer {
  const bytes = files.get(key)
  if (bytes === undefined) throw new Error(`${key} was never stored`)
  return Buffer.from(bytes)
}

function headerOf(file: Buffer): Header {
  return JSON.parse(file.toString('utf8', 0, file.indexOf('\n')))
}

function addTotals(file: Buffer, totals: Map<unknown, Total>): void {
  for (let at = file.indexOf('\n') + 1; at < file.length; ) {
    const end = file.indexOf('\n', at)
    const line = JSON.parse(file.toString('utf8', at, end))
    at = end + 1
    if (line.bytes === undefined) continue
    if (line.operator === totalsId && line.table === 'value:state') {
      readEntries(file.subarray(at, at + line.bytes), (key, _, value) => {
        totals.set(decodeKey(key), JSON.parse((value as Buffer).toString('utf8')))
      })
    }
    at += line.bytes
  }
}
