import { expect, it } from 'vitest'
import { schemaRegistry } from '../src/index.ts'

const registry = schemaRegistry({ url: 'http://localhost:1' })

/** Each with an option that is misspelt, as only JavaScript lets them pass. */
it.each<[string, () => unknown]>([
  ['schemaRegistry', () => schemaRegistry({ url: 'http://localhost:1', maxSchema: 5 } as never)],
  ['avro', () => registry.avro({ subjct: 's' } as never)],
  ['jsonSchema', () => registry.jsonSchema({ schema: {}, longs: 'bigint' } as never)],
  ['protobuf', () => registry.protobuf({ mesage: 'm' } as never)],
])('An option that does not exist is refused by %s', (of, make) => {
  expect(make).toThrow(new RegExp(`BAD_OPTION: ${of}: there is no option`))
})
