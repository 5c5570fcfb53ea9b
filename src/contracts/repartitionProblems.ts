import { FatalError } from '../errors.ts'
import { isCodec } from '../serde/codec.ts'

/**
 * Checks the options of a topic in the middle of a job.
 *
 * @throws BAD_OPTION
 */
export function checkRepartition(options: {
  readonly name: string
  readonly partitions: number
  readonly key: unknown
  readonly value: unknown
}): void {
  const { name, partitions, key, value } = options
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w.-]{0,99}$/.test(name)) {
    bad(
      `name: ${JSON.stringify(name)}`,
      'Use 1 to 100 letters, digits, dots, underscores and hyphens, a letter or digit first',
    )
  }
  if (!(Number.isInteger(partitions) && partitions >= 1 && partitions <= 10_000)) {
    bad(`partitions: ${partitions}`, 'Give 1 to 10000; as many as the job may ever have shards')
  }
  if (!isCodec(value)) bad('value is no codec', 'Say how values become bytes, and again values, e.g. value: json()')
  if (!isCodec(key)) bad('key is no codec', 'Say how keys become bytes, and again keys, e.g. key: text')
}

function bad(what: string, hint: string): never {
  throw new FatalError('BAD_OPTION', what, { hint })
}
