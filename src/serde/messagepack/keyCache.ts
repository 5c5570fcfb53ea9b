/** Names of properties as strings, by their bytes: the same few come with every record, and to compare costs less than to make a string. */
import type { Buffer } from 'node:buffer'

export interface KeyCache {
  /** undefined: it is not there. */
  find(bytes: Buffer, from: number, size: number): string | undefined
  /** In place of the one that had its slot. Returns `name`. */
  add(bytes: Buffer, from: number, size: number, name: string): string
}

interface Kept {
  readonly bytes: Uint8Array
  readonly name: string
}

const slots = 1024

export function keyCache(): KeyCache {
  const kept: (Kept | undefined)[] = Array.from({ length: slots })
  return {
    find(bytes, from, size) {
      const found = kept[slotOf(bytes, from, size)]
      if (found === undefined || found.bytes.length !== size) return undefined
      for (let i = 0; i < size; i++) if (found.bytes[i] !== bytes[from + i]) return undefined
      return found.name
    },
    add(bytes, from, size, name) {
      kept[slotOf(bytes, from, size)] = { bytes: Uint8Array.prototype.slice.call(bytes, from, from + size), name }
      return name
    },
  }
}

function slotOf(bytes: Buffer, from: number, size: number): number {
  if (size === 0) return 0
  const [first, middle, last] = [bytes[from], bytes[from + (size >> 1)], bytes[from + size - 1]] as [
    number,
    number,
    number,
  ]
  return (size * 37 + first * 7 + middle * 31 + last * 61) % slots
}
