/**
 * Valid keys of a CheckpointStorage: segments of safe characters, joined by '/'. Every storage
 * checks them, so that no key can name anything outside of it, and all storages accept the same
 * keys.
 */
import { FatalError } from '../errors.ts'

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/
const longestKey = 600

/** True for a valid segment. Hidden and temporary files are invalid. */
export function isSegment(name: string): boolean {
  return segment.test(name) && !name.includes('..')
}

/** Segments of a key. Throws Fatal BAD_KEY. */
export function keySegments(key: string): readonly string[] {
  const segments = key.split('/')
  if (key.length <= longestKey && segments.every(isSegment)) return segments
  throw badKey(key)
}

/**
 * Whole segments of a key prefix; what follows the last slash is the beginning of another segment.
 */
export function prefixSegments(prefix: string): readonly string[] {
  const segments = prefix.split('/')
  const beginning = segments.pop() ?? ''
  if (prefix.length <= longestKey && segments.every(isSegment) && (beginning === '' || isSegment(beginning)))
    return segments
  throw badKey(prefix)
}

export function keyExists(key: string, place: string): FatalError {
  return new FatalError('KEY_EXISTS', 'the storage already has an entry under this key, and keys are written once', {
    where: { file: `${key} in ${place}` },
  })
}

function badKey(key: string): FatalError {
  return new FatalError('BAD_KEY', `${JSON.stringify(key.slice(0, 120))} cannot be a key in a checkpoint storage`, {
    hint: `Join segments of letters, digits, dots, underscores and hyphens with '/', at most ${longestKey} characters`,
  })
}
