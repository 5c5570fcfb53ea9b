/**
 * Frames of snapshots and ledger entries: a JSON line with the kind, then a body whose length and
 * sha-256 are in that line. So `head -1` shows what a file is, and damage, truncation, a foreign
 * file or a newer version is detected before any of the body is used.
 *
 *   {"magic":"rxweft-snapshot","version":1,...,"bytes":5120,"sha256":"9f86..."}\n<body>
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type CodeOf, CorruptedError } from '../errors.ts'
import { stringifyJson, tryParseJson } from '../json.ts'
import type { Json } from '../record.ts'
import { natural, sha256, wrongFields } from './codecs.ts'

export interface FrameKind {
  readonly magic: string
  readonly version: number
  /** Oldest version that is still read. Default: `version`. */
  readonly oldest?: number
  /** Noun for messages: "snapshot". */
  readonly what: string
  /** Error code for damaged frames. */
  readonly damaged: CodeOf<'corrupted'>
  /** Error code for frames written by a newer version. */
  readonly newer: CodeOf<'corrupted'>
}

export interface FrameFormat<Fields extends object> extends FrameKind {
  /** Further fields of the first line. */
  readonly fields: t.Type<Fields, unknown, unknown>
}

export interface Frame<Fields> {
  readonly fields: Fields
  readonly sha256: string
  readonly body: Buffer
}

const newline = 0x0a

export function encodeFrame<Fields extends { readonly [name: string]: Json }>(
  { magic, version }: FrameKind,
  fields: Fields,
  body: Buffer,
): { readonly bytes: Buffer; readonly sha256: string } {
  const hash = hashOf(body)
  const line = stringifyJson({ magic, version, ...fields, bytes: body.length, sha256: hash })
  return { bytes: Buffer.concat([Buffer.from(`${line}\n`), body]), sha256: hash }
}

/** Throws Corrupted with the format's code `damaged` or `newer`. @param file origin of the bytes */
export function decodeFrame<Fields extends object>(
  format: FrameFormat<Fields>,
  bytes: Uint8Array,
  file: string,
): Frame<Fields> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const damage = (how: string): CorruptedError => damaged(format, file, how)
  if (!all.toString('latin1', 0, 100).startsWith(`{"magic":"${format.magic}",`)) throw damage(`is not a ${format.what}`)
  const end = all.indexOf(newline)
  if (end < 0) throw damage('is cut off within its first line')
  const line = tryParseJson(all.toString('utf8', 0, end))
  if (versionOf(line) > format.version) throw newer(format, file, versionOf(line))
  const header = t.intersection([envelope(format), format.fields]).decode(line)
  if (isLeft(header)) throw damage(`has a first line with wrong fields: ${wrongFields(header.left)}`)
  const body = all.subarray(end + 1)
  const expected = header.right
  if (body.length !== expected.bytes) throw damage(`has ${body.length} of ${expected.bytes} bytes after its first line`)
  if (hashOf(body) !== expected.sha256) throw damage('does not have the sha-256 that its first line states')
  return { fields: expected, sha256: expected.sha256, body }
}

export function damaged(kind: FrameKind, file: string, how: string): CorruptedError {
  return new CorruptedError(kind.damaged, `the ${kind.what} ${how}`, {
    where: { file },
    hint: 'Replace it with an intact copy. Nothing of it was used',
  })
}

export function newer({ newer: code, what, version }: FrameKind, file: string, found: number): CorruptedError {
  return new CorruptedError(
    code,
    `the ${what} has format version ${found}, but this version of rxweft reads up to ${version}`,
    {
      where: { file },
      hint: 'Upgrade rxweft to the version that wrote it, or a later one',
    },
  )
}

function envelope({ version, oldest = version }: FrameKind) {
  const readable = t.refinement(natural, (found) => found >= oldest && found <= version)
  return t.type({ version: readable, bytes: natural, sha256 })
}

/** 0 if the line has no version. */
export function versionOf(line: unknown): number {
  const version = t.type({ version: natural }).decode(line)
  return isLeft(version) ? 0 : version.right.version
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
