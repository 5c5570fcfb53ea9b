import { describe, expect, it } from 'vitest'
import { nexmark } from '../../../bench/nexmark/generator.ts'
import { timeOf } from '../../../bench/nexmark/model.ts'
import { tablesOf } from './plain.ts'

const options = { seed: 1, events: 50_000, start: 1_700_000_000_000, rate: 10_000 }
const events = [...nexmark(options)]
const { persons, auctions, bids } = tablesOf(events)
const share = (count: number) => count / bids.length

describe('the generator of Nexmark', () => {
  it('makes the same events of the same seed, and others of another one', () => {
    expect([...nexmark({ ...options, events: 500 })]).toEqual(events.slice(0, 500))
    expect([...nexmark({ ...options, events: 500, seed: 2 })]).not.toEqual(events.slice(0, 500))
  })

  it('makes of 50 events one person, three auctions and 46 bids, with ids in a row', () => {
    expect([persons.length, auctions.length, bids.length]).toEqual([1_000, 3_000, 46_000])
    expect(persons.map(({ id }) => id)).toEqual(Array.from({ length: 1_000 }, (_, at) => 1_000 + at))
    expect(auctions.map(({ id }) => id)).toEqual(Array.from({ length: 3_000 }, (_, at) => 1_000 + at))
  })

  it('spreads events evenly over event time, in order', () => {
    const times = events.map(timeOf)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect([times[0], times.at(-1)]).toEqual([options.start, options.start + 4_999])
  })

  it('gives half of the bids to hot auctions, and three quarters to hot bidders and sellers', () => {
    expect(share(bids.filter(({ auction }) => auction % 100 === 0).length)).toBeCloseTo(0.505, 1)
    expect(share(bids.filter(({ bidder }) => bidder % 100 === 1).length)).toBeCloseTo(0.7525, 1)
    expect(auctions.filter(({ seller }) => seller % 100 === 0).length / auctions.length).toBeCloseTo(0.7525, 1)
  })

  it('has prices whose logarithm is uniform, from one dollar to a million', () => {
    const logs = bids.map(({ price }) => Math.log10(price / 100))
    expect([Math.min(...logs), Math.max(...logs)].map(Math.round)).toEqual([0, 6])
    for (const limit of [1, 2, 3, 4, 5])
      expect(share(logs.filter((log) => log < limit).length)).toBeCloseTo(limit / 6, 1)
  })

  it('lets auctions end after a hundred more on average, and uses ids a little before they exist', () => {
    const lengths = auctions.map(({ dateTime, expires }) => expires - dateTime)
    expect(lengths.reduce((a, b) => a + b) / lengths.length / (5_000 / 30)).toBeCloseTo(1, 1)
    const opened = new Map(auctions.map(({ id, dateTime }) => [id, dateTime]))
    const early = bids.filter(({ auction, dateTime }) => (opened.get(auction) ?? Infinity) > dateTime)
    expect(share(early.length)).toBeGreaterThan(0.01)
    expect(share(early.length)).toBeLessThan(0.1)
  })

  it('has sizes of about 200, 500 and 100 bytes, and ids in nine of ten addresses of other channels', () => {
    const mean = (all: readonly { readonly extra: string }[]) =>
      all.reduce((sum, { extra }) => sum + extra.length, 0) / all.length
    expect(mean(bids)).toBeCloseTo(68, 0)
    expect(mean(persons) / 200).toBeGreaterThan(0.5)
    expect(mean(auctions) / 500).toBeGreaterThan(0.7)
    const others = bids.filter(({ channel }) => channel.startsWith('channel-'))
    expect(share(others.length)).toBeCloseTo(0.5, 1)
    expect(others.filter(({ url }) => url.includes('&channel_id=')).length / others.length).toBeCloseTo(0.9, 1)
  })
})
