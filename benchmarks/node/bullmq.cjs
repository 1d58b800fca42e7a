// The process in which BullMQ pushes or works: `node bullmq.cjs ROLE OPTIONS`; as benchmarks/child.py and counting.py.
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { Queue, Worker } = require('bullmq');

const BATCH = 500;
const PRIORITIES = 10;
const PAYLOAD_BYTES = 200;
const PAUSE_MS = [4, 8];
const TEXT = 'x'.repeat(PAYLOAD_BYTES - '{"text":""}'.length);

const [role, given] = process.argv.slice(2);
const options = JSON.parse(given);
const connection = { path: options.url.slice('unix://'.length) };

function moment(pid) {
  let server = 0;
  try {
    server = Number(fs.readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  } catch { /* not on Linux */ }
  const used = process.cpuUsage();
  return { wall: Number(process.hrtime.bigint()) / 1e9, server, client: (used.user + used.system) / 1e6 };
}

function rates(begin, end, contacts) {
  return {
    rate: contacts / Math.max(end.wall - begin.wall, 1e-9),
    server_us: ((end.server - begin.server) * 1e6) / contacts,
    client_us: ((end.client - begin.client) * 1e6) / contacts,
  };
}

function job(number, at) {
  const stamp = `"at":${at},`;
  const data = at ? { at, text: TEXT.slice(0, -stamp.length) } : { text: TEXT };
  return { name: 'handled', data, opts: { priority: ((number * 7) % PRIORITIES) + 1 } };
}

async function pushAll(one) {
  const queue = new Queue('bench', { connection });
  await queue.waitUntilReady();
  await one(queue);
  await queue.close();
}

const add = (queue, { name, data, opts }) => queue.add(name, data, opts);

async function push(queue) {
  for (let number = 0; number < options.skipped; number += 1) await add(queue, job(number));
  const begin = moment(options.server_pid);
  for (let number = 0; number < options.contacts; number += 1) await add(queue, job(number));
  tell(begin);
}

async function pushBulk(queue) {
  const many = async (contacts) => {
    for (let first = 0; first < contacts; first += BATCH) {
      const length = Math.min(BATCH, contacts - first);
      await queue.addBulk(Array.from({ length }, (_, place) => job(first + place)));
    }
  };
  await many(options.skipped);
  const begin = moment(options.server_pid);
  await many(options.contacts);
  tell(begin);
}

function tell(begin) {
  console.log(JSON.stringify(rates(begin, moment(options.server_pid), options.contacts)));
}

async function arrive(queue) {
  await add(queue, job(0));
  while (!fs.existsSync(options.begun)) await sleep(10);
  for (let number = 1; number < options.skipped + options.contacts; number += 1) {
    await sleep(PAUSE_MS[0] + Math.random() * (PAUSE_MS[1] - PAUSE_MS[0]));
    await add(queue, job(number, Number(process.hrtime.bigint())));
  }
}

function work() {
  const count = JSON.parse(process.env.BENCH_COUNT);
  const waits = [];
  let [number, begin] = [0, null];
  const handle = async ({ data }) => {
    number += 1;
    if ('at' in data && number > count.skipped) waits.push((Number(process.hrtime.bigint()) - data.at) / 1e3);
    if (number === 1) fs.writeFileSync(count.begun, '');
    if (number === Math.max(count.skipped, 1)) begin = moment(count.server_pid);
    if (number === count.skipped + count.counted) {
      const values = rates(begin, moment(count.server_pid), count.counted);
      fs.writeFileSync(`${count.result}.part`, JSON.stringify({ values, waits_us: waits }));
      fs.renameSync(`${count.result}.part`, count.result);
    }
  };
  new Worker('bench', handle, { connection, concurrency: options.at_once });
}

if (role === 'work') work();
else pushAll({ push, push_bulk: pushBulk, arrive }[role]).catch((failure) => { console.error(failure); process.exit(1); });
