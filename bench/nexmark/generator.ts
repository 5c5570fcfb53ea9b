/**
 * The events of Nexmark, with the distributions of the Apache Beam and Flink suites: of 50 events
 * one is a person, 3 are auctions, 46 are bids; half of the bids go to the newest hundredth auction,
 * three quarters of bidders and sellers are one in a hundred; prices are log-uniform.
 */
import type { Auction, Bid, Event, Person } from './model.ts'
import { type Random, random } from './random.ts'

export interface NexmarkOptions {
  readonly seed: number
  readonly events: number
  /** Time of the first event, ms since the epoch. */
  readonly start: number
  /** Events for each second of event time. */
  readonly rate: number
}

const cycle = { persons: 1, auctions: 3, events: 50 }
const hotEvery = 100
/** Auctions under way, people who are active, and ids used before they exist. */
const [inFlight, active, lead] = [100, 1_000, 10]
const firstId = 1_000
const firstCategory = 10
const states = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY']
const cities = ['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland', 'Bend', 'Redmond', 'Seattle', 'Kent']
const firstNames = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter']
const lastNames = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris']
const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple']
const otherChannels = 10_000

export function* nexmark({ seed, events, start, rate }: NexmarkOptions): Generator<Event> {
  const numbers = random(seed)
  const channels = channelsOf(numbers)
  const horizon = ((inFlight * cycle.events) / cycle.auctions / rate) * 1_000
  for (let n = 0; n < events; n++) {
    const at = start + Math.floor((n * 1_000) / rate)
    const place = n % cycle.events
    if (place < cycle.persons) yield { event_type: 0, person: person(numbers, n, at) }
    else if (place < cycle.persons + cycle.auctions) {
      yield { event_type: 1, auction: auction(numbers, n, at, horizon) }
    } else yield { event_type: 2, bid: bid(numbers, n, at, channels) }
  }
}

/** Number of the newest person when event n is made, from 0. */
function newestPerson(n: number): number {
  return Math.floor(n / cycle.events)
}

/** Number of the newest auction when event n is made, from 0; -1: none. */
function newestAuction(n: number): number {
  const made = Math.min(Math.max((n % cycle.events) - cycle.persons + 1, 0), cycle.auctions)
  return Math.floor(n / cycle.events) * cycle.auctions + made - 1
}

const hotOf = (newest: number): number => Math.floor(newest / hotEvery) * hotEvery

function anyPerson(numbers: Random, n: number): number {
  const people = newestPerson(n) + 1
  const recent = Math.min(people, active)
  return people - recent + numbers.below(recent + lead)
}

function person(numbers: Random, n: number, dateTime: number): Person {
  const name = `${numbers.of(firstNames)} ${numbers.of(lastNames)}`
  const emailAddress = `${numbers.word(7)}@${numbers.word(5)}.com`
  const creditCard = Array.from({ length: 4 }, () => `${numbers.below(10_000)}`.padStart(4, '0')).join(' ')
  const [city, state] = [numbers.of(cities), numbers.of(states)]
  const size = 8 + [name, emailAddress, creditCard, city, state].join('').length
  const extra = numbers.filler(200 - size)
  return { id: firstId + newestPerson(n), name, emailAddress, creditCard, city, state, dateTime, extra }
}

function auction(numbers: Random, n: number, dateTime: number, horizon: number): Auction {
  const seller = firstId + (numbers.below(4) > 0 ? hotOf(newestPerson(n)) : anyPerson(numbers, n))
  const [itemName, description] = [numbers.word(20), numbers.word(100)]
  const initialBid = price(numbers)
  const reserve = initialBid + price(numbers)
  const expires = dateTime + 1 + numbers.below(Math.max(1, horizon * 2))
  const category = firstCategory + numbers.below(5)
  const extra = numbers.filler(500 - 48 - itemName.length - description.length)
  const id = firstId + newestAuction(n)
  return { id, itemName, description, initialBid, reserve, dateTime, expires, seller, category, extra }
}

function bid(numbers: Random, n: number, dateTime: number, channels: readonly Channel[]): Bid {
  const newest = newestAuction(n)
  const oldest = Math.max(newest - inFlight, 0)
  const chosen = numbers.below(2) > 0 ? hotOf(newest) : oldest + numbers.below(newest - oldest + 1 + lead)
  // The second person of a hundred, so that hot bidders are not hot sellers.
  const bidder = numbers.below(4) > 0 ? hotOf(newestPerson(n)) + 1 : anyPerson(numbers, n)
  const place = numbers.below(2) > 0 ? numbers.below(4) : 4 + numbers.below(otherChannels)
  const { channel, url } = channels[place] as Channel
  const ids = { auction: firstId + chosen, bidder: firstId + bidder }
  return { ...ids, price: price(numbers), channel, url, dateTime, extra: numbers.filler(100 - 32) }
}

/** From 1 to a million dollars, in cents. */
function price(numbers: Random): number {
  return Math.round(10 ** (numbers.next() * 6) * 100)
}

interface Channel {
  readonly channel: string
  readonly url: string
}

/** The four hot ones first; nine of ten others have their id in the address. */
function channelsOf(numbers: Random): readonly Channel[] {
  const address = (): string => {
    const folders = Array.from({ length: 3 }, () => numbers.word(5, '_'))
    return `https://www.nexmark.com/${folders.join('/')}/item.htm?query=1`
  }
  const others = Array.from({ length: otherChannels }, (_, at) => {
    const id = Math.floor(numbers.next() * 2 ** 31)
    const url = address()
    return { channel: `channel-${at}`, url: numbers.below(10) > 0 ? `${url}&channel_id=${id}` : url }
  })
  return [...hotChannels.map((channel) => ({ channel, url: address() })), ...others]
}
