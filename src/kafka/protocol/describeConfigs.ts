/** DescribeConfigs: the configuration of a topic. Any broker answers. */
import type { Api } from './api.ts'
import type { Reader } from './reader.ts'

export interface DescribeConfigsArgs {
  readonly topic: string
  /** Names of the wanted values. */
  readonly names: readonly string[]
}

export interface DescribedConfigs {
  readonly errorCode: number
  /** Without values that are null. */
  readonly values: ReadonlyMap<string, string>
}

/** Type of a resource that is a topic. */
const topicResource = 2

export const describeConfigs: Api<DescribeConfigsArgs, DescribedConfigs> = {
  key: 32,
  name: 'DescribeConfigs',
  min: 4,
  max: 4,
  encode(to, { topic, names }) {
    to.array([topic], () => {
      to.int8(topicResource)
      to.string(topic)
      to.array(names, to.string)
      to.tags()
    })
    to.boolean(false) // include synonyms
    to.boolean(false) // include documentation
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const [found] = from.array(() => {
      const errorCode = from.int16()
      from.nullableString() // error message
      from.int8() // resource type
      from.string() // resource name
      const entries = from.array(() => entry(from))
      from.tags()
      const values = new Map(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])))
      return { errorCode, values }
    })
    from.tags()
    if (found === undefined) throw new RangeError('no configuration in the answer')
    return found
  },
}

function entry(from: Reader): readonly [name: string, value: string | null] {
  const found = [from.string(), from.nullableString()] as const
  from.boolean() // read only
  from.int8() // source
  from.boolean() // sensitive
  from.array(() => {
    from.string() // name
    from.nullableString() // value
    from.int8() // source
    from.tags()
  })
  from.int8() // type
  from.nullableString() // documentation
  from.tags()
  return found
}
