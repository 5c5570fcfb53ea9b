import { describe, expect, it } from 'vitest'
import { statementsOf } from '../../../bench/nexmark/flink.ts'
import { keysOf, queries } from '../../../bench/nexmark/queries.ts'

const places = { brokers: 'b:9092', source: 'events-of-auctions', sink: 'rows-of-query', id: 'nexmark-1' }

describe('the statements for Flink SQL', () => {
  it.each(Object.keys(queries))(
    'of %s fill every place, end in the INSERT, and name the key of rows that are updated',
    (name) => {
      for (const tuned of [false, true]) {
        const text = statementsOf(name, places, tuned)
        expect(text).not.toContain('${')
        const statements = text.split(/;\s*\n/).filter((statement) => statement.trim() !== '')
        expect(statements.at(-1)).toMatch(/^INSERT INTO found/)
        const key = /PRIMARY KEY \((.*)\) NOT ENFORCED/.exec(text)?.[1]?.replaceAll('`', '').split(', ')
        expect(key).toEqual(keysOf[name])
        expect(text.includes("'connector' = 'upsert-kafka'")).toBe(key !== undefined)
        expect(text.includes("'properties.batch.size'")).toBe(tuned)
      }
    },
  )
})
