import { createWebGpuBackend } from "@kindling/backend-webgpu";
import { Device, storageFrom, allocate } from "@kindling/storage";
import { registerBackend, init, tensor, ones, add, zeros } from "@kindling/autograd";
await init("webgpu");
const x = ones(1024,1024,{device:"cpu"}).to("webgpu");
const b = x.storage.device.backend;
const mem = () => { const u = x.storage.handle.runtime.memory; return JSON.stringify({MB:u.bytes>>20,peak:u.peakBytes>>20,pool:u.pooledBytes>>20,count:u.count,rss:process.memoryUsage().rss>>20})};
console.log(mem());
let y = x;
let t=performance.now();
for (let i=0;i<200;i++) { y = y.add(x); if (i%50===0) console.log(i,mem(),(performance.now()-t).toFixed()); }
console.log("sync loop", mem(), (performance.now()-t).toFixed());
console.log((await y.cpu()).at(0,0).item());
let s = tensor([1]).to("webgpu");
t=performance.now();
for (let i=0;i<20000;i++) { s = s.add(1); if (i%5000===0) console.log(i,mem(),(performance.now()-t).toFixed()); }
console.log((await s.cpu()).item(), mem(),(performance.now()-t).toFixed());
