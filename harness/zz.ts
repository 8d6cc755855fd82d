import { drawPlan } from './simulate/drawPlan.ts';
const p = drawPlan(Number(process.argv[2]));
console.log(JSON.stringify({...p, frameworks: p.frameworks.map(f=>({name:f.name,startMs:f.startMs,back:f.back.on,slow:f.slowMs,refuse:f.refuseSeconds})), slaves: p.slaves.length, faults: undefined}));
for (const f of p.faults) console.log(JSON.stringify(f));
