import { describe, expect, it } from 'vitest'
import { sessions } from '../../examples/sessions.ts'
import { play } from './play.ts'
import { runExample } from './runExample.ts'

const click = (user: string, page: string, minutes: number) => ({ user, page, at: minutes * 60_000 })
const visit = (user: string, minutes: number, ...pages: readonly string[]) => ({ user, since: minutes * 60_000, pages })

describe('sessions', { timeout: 60_000 }, () => {
  const values = {
    a: click('ada', 'home', 0),
    c: click('ada', 'cart', 30.1),
    s: click('ada', 'shoes', 29.99),
    b: click('bob', 'home', 70),
    l: click('ada', 'late', 35),
    A: visit('ada', 0, 'home', 'cart', 'shoes'),
    B: visit('bob', 70, 'home'),
    H: visit('ada', 0, 'home'),
    C: visit('ada', 30.1, 'cart'),
  }
  const played = (clicks: string) =>
    play(({ source, sink }) => sessions(source('clicks'), sink('visits'), sink('late')), { clicks }, values)

  it('are told when half an hour has passed, and all when the input ends', async () => {
    expect(await played('R-a-1-c-b-2-|')).toMatchObject({ visits: '----1---(HC)2B' })
  })

  it('become one by a click between them that is seconds late', async () => {
    expect(await played('R-a-c-1-s-2-b-|')).toMatchObject({ visits: '------1---2-A-B' })
  })

  it('are over for a click that is later', async () => {
    expect(await played('R-a-c-1-b-l-2-')).toEqual({ visits: '------1-(HC)2-', late: '------1---l-2-' })
  })

  it('run as an example', async () => {
    const { visits, 'late-clicks': late } = await runExample('sessions')
    expect(visits).toMatchObject([
      { user: 'bob', pages: ['home'] },
      { user: 'ada', pages: ['home', 'cart', 'shoes'] },
    ])
    expect(late).toMatchObject([{ user: 'bob', page: 'help' }])
  })
})
