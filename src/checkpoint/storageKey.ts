/**
 * What may be a key of a CheckpointStorage: segments of harmless characters, joined by '/'. Checked
 * by every storage, so that no key, whatever it was made of, names anything outside of it, and what
 * one storage takes, the others take as well.
 */
import { FatalError } from '../errors.ts'

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/
const longestKey = 600

/** One part of a key between slashes. Hidden files and temporary files are none. */
export function isSegment(name: string): boolean {
  return segment.test(name) && !name.includes('..')
}

/** The segments of a key. Throws Fatal BAD_KEY. */
export function keySegments(key: string): readonly string[] {
  const segments = key.split('/')
  if (key.length <= longestKey && segments.every(isSegment)) return segments
  throw badKey(key)
}

/**
 * The whole segments that a prefix of keys starts with; what follows the last slash is the
 * beginning of another one.
 */
export function prefixSegments(prefix: string): readonly string[] {
  const segments = prefix.split('/')
  const beginning = segments.pop() ?? ''
  if (prefix.length <= longestKey && segments.every(isSegment) && (beginning === '' || isSegment(beginning)))
    return segments
  throw badKey(prefix)
}

export function keyExists(key: string, place: string): FatalError {
  return new FatalError('KEY_EXISTS', 'there is something under this key already, and keys are written once', {
    where: { file: `${key} in ${place}` },
  })
}

function badKey(key: string): FatalError {
  return new FatalError('BAD_KEY', `${JSON.stringify(key.slice(0, 120))} cannot be a key in a checkpoint storage`, {
    hint: `Join segments of letters, digits, dots, underscores and hyphens with '/', at most ${longestKey} characters`,
  })
}
