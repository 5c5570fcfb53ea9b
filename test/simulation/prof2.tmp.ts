import './core/quickNames.ts'
let ticks = 0
const nt = process.nextTick
process.nextTick = ((...a: any[]) => { ticks++; return (nt as any).apply(process, a) }) as any
const { loadRxweft } = await import('./core/rxweft.ts')
const { runSchedule } = await import('./schedule.ts')
const rxweft = await loadRxweft()
for (let s = 1; s <= 50; s++) await runSchedule(rxweft, s)
ticks = 0
const a = process.cpuUsage(); const t = performance.now()
for (let s = 1; s <= 300; s++) await runSchedule(rxweft, s, false)
const b = process.cpuUsage(a)
console.log('ticks per schedule', ticks / 300, 'cpu ms', (b.user + b.system) / 300000, 'us/tick', (b.user + b.system) / ticks, 'wall', (performance.now() - t) / 300)
