// An OpenID provider on a free port of this machine: prints its issuer, and ends with its standard input.
// Whoever signs in is whoever they say: the name is their e-mail address, verified unless it says so.
import http from 'node:http';
import Provider from 'oidc-provider';

const [secret, back] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'directory', client_secret: secret, redirect_uris: [back] }],
    claims: { email: ['email', 'email_verified'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified') }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['for tests alone'] },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.on('end', () => process.exit(0)).resume();
