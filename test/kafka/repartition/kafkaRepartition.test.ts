import { expect, it } from 'vitest'
import { kafkaCluster, kafkaRepartition } from '../../../src/kafka/index.ts'
import { text } from '../../../src/serde/text.ts'

const cluster = kafkaCluster({ brokers: ['localhost:9092'] })
const good = { name: 'words', partitions: 2, key: text, value: text }

it.each([-1, Number.NaN])('refuses a purge interval that is no number of ms: %s', (purgeInterval) => {
  expect(() => kafkaRepartition(cluster, { ...good, purgeInterval })).toThrow(
    /BAD_OPTION: kafkaRepartition: purgeInterval is/,
  )
})

it('takes a purge interval of 0, and none', () => {
  expect(kafkaRepartition(cluster, { ...good, purgeInterval: 0 })).toBeDefined()
  expect(kafkaRepartition(cluster, { ...good, purgeInterval: undefined })).toBeDefined()
})
