/**
 * Checks that a file can be LMDB's before lmdb opens it: lmdb overwrites a short file, and crashes
 * on other files.
 */
import { Buffer } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'
import { CorruptedError } from '../errors.ts'

/** Position of LMDB's magic number in the first page. */
const magic = { offset: 24, value: 0xbeefc0de }

/** Creates a missing file. Throws Corrupted LOG_DAMAGED, and errors of the file system. */
export function checkMagic(path: string): void {
  const file = openSync(path, 'a+')
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error('it is not a regular file')
    const bytes = Buffer.alloc(magic.offset + 4)
    const read = readSync(file, bytes, 0, bytes.length, 0)
    if (stat.size > 0 && (read < bytes.length || !hasMagic(bytes))) throw notALog(path, 'is not an LMDB file')
  } finally {
    closeSync(file)
  }
}

/** Uses this machine's byte order: LMDB files of the other order cannot be read. */
function hasMagic(bytes: Buffer): boolean {
  const found = endianness() === 'LE' ? bytes.readUInt32LE(magic.offset) : bytes.readUInt32BE(magic.offset)
  return found === magic.value
}

export function notALog(file: string, how: string): CorruptedError {
  return new CorruptedError('LOG_DAMAGED', `the embedded log ${how}`, {
    where: { file },
    hint: 'Name another file, or replace this file with an intact copy. Nothing was written to it',
  })
}
