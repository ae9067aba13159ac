// The answers of the `node` peer, the same over HTTP/1.1 and HTTP/2:
//   /               "hello from NAME"
//   /headers        JSON: version, method, url, fields in the order and spelling received, the
//                   name in the certificate of a client
//   /echo           the request's body, streamed back; its trailers come back as trailers
//   /trailers       a body and the trailer x-checksum: abc
//   /early          103 with a link field, then 200
//   /push           pushes /pushed.css to a client that allows it (HTTP/2)
//   /status/N       that status      /size/N   N bytes, with a length
//   /chunks/N/MS    N pieces, MS milliseconds apart        /delay/MS  the answer after MS
//   /short          a length of 100 and 50 bytes, then the connection or stream is cut
//   /reset/CODE     RST_STREAM with that code (HTTP/1.1: the connection is cut)
//   websocket       any path: HTTP/1.1 upgrade or RFC 8441 CONNECT; frames come back as they are
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';

const [mode, port, name, certs] = process.argv.slice(2);

function headers(req) {
	const fields = [];
	for (let i = 0; i < req.rawHeaders.length; i += 2)
		fields.push([req.rawHeaders[i], req.rawHeaders[i + 1]]);
	return JSON.stringify({
		server: name, version: req.httpVersion, method: req.method, url: req.url, fields,
		client: req.socket.getPeerCertificate?.()?.subject?.CN,
	}) + '\n';
}

function echo(req, res) {
	res.setHeader('content-type', req.headers['content-type'] ?? 'application/octet-stream');
	req.on('data', (piece) => { if (!res.write(piece)) req.pause(); });
	res.on('drain', () => req.resume());
	req.on('end', () => {
		for (const [field, value] of Object.entries(req.trailers))
			if (!field.startsWith(':')) res.addTrailers({ [field]: value });
		res.end();
	});
}

function push(res) {
	const stream = res.stream;
	if (stream?.pushAllowed) {
		stream.pushStream({ ':path': '/pushed.css' }, (err, pushed) => {
			if (err) return;
			pushed.respond({ ':status': 200, 'content-type': 'text/css' });
			pushed.end('body {}\n');
		});
	}
	res.end('pushing\n');
}

function cut(res, code) {
	if (res.stream?.close) res.stream.close(code);
	else res.socket.destroy();
}

function pieces(res, left, ms) {
	if (left === 0) return res.end();
	res.write(`piece ${left}\n`);
	setTimeout(() => pieces(res, left - 1, ms), ms);
}

function short(res) {
	res.writeHead(200, { 'content-length': 100 });
	res.write('x'.repeat(50));
	setTimeout(() => cut(res, http2.constants.NGHTTP2_INTERNAL_ERROR), 50);
}

const routes = {
	'': (req, res) => res.end(`hello from ${name}\n`),
	headers: (req, res) => res.end(headers(req)),
	echo,
	trailers: (req, res) => {
		res.setHeader('trailer', 'x-checksum');
		res.write('with trailers\n');
		res.addTrailers({ 'x-checksum': 'abc' });
		res.end();
	},
	early: (req, res) => {
		res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
		res.end('after a hint\n');
	},
	push: (req, res) => push(res),
	status: (req, res, [code]) => { res.statusCode = +code; res.end(); },
	size: (req, res, [size]) => {
		res.setHeader('content-length', +size);
		res.end(Buffer.alloc(+size, '0123456789abcdef'));
	},
	chunks: (req, res, [count, ms]) => pieces(res, +count, +ms),
	delay: (req, res, [ms]) => setTimeout(() => res.end(`after ${ms} ms\n`), +ms),
	short: (req, res) => short(res),
	reset: (req, res, [code]) => cut(res, +code || 0),
};

function answer(req, res) {
	const [what, ...args] = req.url.split('?')[0].slice(1).split('/');
	const route = routes[what];
	res.on('error', () => {});
	req.on('error', () => {});
	res.setHeader('x-server', name);
	if (!route) {
		res.statusCode = 404;
		return res.end('not here\n');
	}
	if (req.method !== 'GET' && what !== 'echo') req.resume();
	route(req, res, args);
}

// Websocket frames are masked on the way in and not on the way out; short ones only.
function frames(socket) {
	let have = Buffer.alloc(0);
	socket.on('error', () => {});
	socket.on('data', (data) => {
		have = Buffer.concat([have, data]);
		while (have.length >= 6 && have.length >= 6 + (have[1] & 127)) {
			const size = have[1] & 127;
			const text = Buffer.from(have.subarray(6, 6 + size));
			for (let i = 0; i < size; i++) text[i] ^= have[2 + (i & 3)];
			socket.write(Buffer.concat([Buffer.from([have[0], size]), text]));
			if ((have[0] & 15) === 8) socket.end();
			have = have.subarray(6 + size);
		}
	});
}

function upgrade(req, socket) {
	if (req.headers.upgrade.toLowerCase() !== 'websocket') {
		// Nobody in front of a server should let another upgrade through.
		socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n' +
			`unexpected upgrade: ${req.headers.upgrade}\n`);
		return;
	}
	const accept = crypto.createHash('sha1')
		.update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
		.digest('base64');
	socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n' +
		`connection: upgrade\r\nsec-websocket-accept: ${accept}\r\nx-server: ${name}\r\n\r\n`);
	frames(socket);
}

// A CONNECT of HTTP/2; that of HTTP/1.1 comes with a bare socket and is not served.
function connect(req) {
	const stream = req.stream;
	if (!stream) return req.socket.destroy();
	if (req.headers[':protocol'] !== 'websocket') return stream.respond({ ':status': 405 }, { endStream: true });
	stream.respond({ ':status': 200, 'x-server': name });
	frames(stream);
	stream.resume(); // the compatibility layer has paused it
}

function create() {
	const mutual = mode.startsWith('mtls');
	const tls = certs && {
		key: fs.readFileSync(`${certs}/ec.key`), cert: fs.readFileSync(`${certs}/ec.crt`),
		ca: fs.readFileSync(`${certs}/ca.pem`), requestCert: mutual, rejectUnauthorized: mutual,
		allowHTTP1: !mutual,
	};
	const settings = { enableConnectProtocol: true };
	switch (mode) {
	case 'h2c': return http2.createServer({ settings });
	case 'h2': case 'mtls-h2': return http2.createSecureServer({ ...tls, settings });
	case 'tls': case 'mtls': return https.createServer(tls);
	default: return http.createServer();
	}
}

const server = create();
server.keepAliveTimeout = 60000;
server.on('request', answer);
server.on('upgrade', upgrade);
server.on('connect', connect);
server.on('stream', (stream) => stream.on('error', () => {}));
server.on('sessionError', () => {});
server.on('clientError', (err, socket) => socket.destroy());
server.listen(+port, '127.0.0.1');
