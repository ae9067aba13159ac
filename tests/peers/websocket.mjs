// A websocket client that sends one frame and prints what comes back.
// usage: node websocket.mjs h1|h2 http://ADDRESS:PORT PATH HOST TEXT
// h1: RFC 6455 over HTTP/1.1; h2: RFC 8441 over HTTP/2 with prior knowledge.
import http from 'node:http';
import http2 from 'node:http2';

const [version, origin, path, host, text] = process.argv.slice(2);
const mask = [1, 2, 3, 4];
const frame = Buffer.from([0x81, 0x80 | text.length, ...mask,
	...Buffer.from(text).map((byte, i) => byte ^ mask[i & 3])]);
const fail = (why) => { console.log(`failed: ${why}`); process.exit(1); };

function talk(stream) {
	stream.once('data', (data) => {
		console.log(data.subarray(2).toString());
		process.exit(0);
	});
	stream.on('error', (e) => fail(e.message));
	stream.on('close', () => fail('closed'));
	stream.write(frame);
}

function h1() {
	const req = http.request(origin + path, { headers: {
		host, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': 13,
		'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
	} });
	req.on('upgrade', (res, socket) => {
		if (res.headers['sec-websocket-accept'] !== 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=') fail('wrong accept');
		talk(socket);
	});
	req.on('response', (res) => fail(res.statusCode));
	req.on('error', (e) => fail(e.message));
	req.end();
}

function h2() {
	const client = http2.connect(origin);
	client.on('error', (e) => fail(e.message));
	client.on('remoteSettings', (settings) => {
		if (!settings.enableConnectProtocol) fail('not announced');
		const stream = client.request({
			':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':path': path,
			':authority': host, 'sec-websocket-version': '13',
		}, { endStream: false });
		stream.on('response', (fields) => fields[':status'] === 200 ? talk(stream) : fail(fields[':status']));
	});
}

setTimeout(() => fail('nothing came'), 10000);
version === 'h2' ? h2() : h1();
