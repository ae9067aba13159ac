/* Shared by the files of the stream floor. */
#ifndef WEIR_STREAM_PRIV_H
#define WEIR_STREAM_PRIV_H

#include "weir/stream/stream.h"

struct stream *stream_create(struct gate *front, struct session *sess);
void stream_destroy(struct stream *s);
extern const struct gate_user stream_front_gate;
extern const struct gate_user stream_back_gate;

/* Deadlines: *dl = now + ms, or none when ms is 0. */
void stream_deadline(uint64_t *dl, unsigned ms);
static inline bool stream_passed(uint64_t dl) { return dl && loop_ms() >= dl; }

static inline const struct list *stream_list_of(const struct proxy *px, size_t off)
{
	return (const struct list *)((const char *)px + off);
}
/* Are there any rules in the ruleset at `off` of px, its defaults section's included? Mostly not. */
static inline bool stream_has_rules(const struct proxy *px, size_t off)
{
	return !list_empty(stream_list_of(px, off)) || (px->defaults && !list_empty(stream_list_of(px->defaults, off)));
}
enum act_result stream_run_rules(struct stream *s, const struct proxy *px, size_t list_off, enum xdir dir);
/* Runs the ruleset at `list_off` of px, its defaults section's rules first. NEXT: all passed. */
static inline enum act_result stream_rules(struct stream *s, const struct proxy *px, size_t list_off, enum xdir dir)
{
	return stream_has_rules(px, list_off) ? stream_run_rules(s, px, list_off, dir) : ACT_NEXT;
}
/* Maps what a ruleset ended with to a step result; NEXT and STOP give DONE. */
enum step_result stream_rules_end(struct stream *s, enum act_result r, enum xdir dir);

/* Has the client gone (cut request, reset, or half-closed where abortonclose asks)? */
bool stream_client_gone(const struct stream *s);
void stream_set_backend(struct stream *s, struct proxy *be);
/* Moves what came through `from` to `to`, and its end. True: something moved. */
bool stream_pump(struct stream *s, struct gate *from, struct gate *to, bool request);
/* Lets the kernel move what comes through `from` when that pays; came: bytes that were moved just now. */
bool stream_splice_begin(struct stream *s, struct gate *from, struct gate *to, bool request, size_t came);
/* While `from` has GATE_SPLICE, or the pipe is not empty. True: something moved. */
bool stream_splice(struct stream *s, struct gate *from, struct gate *to, bool request);
/* Gives the pipes back, with what is in them. */
void stream_splice_end(struct stream *s);
/* Are bytes of that direction inside the kernel? */
bool stream_in_pipe(const struct stream *s, bool request);
/* Has all that the server sent been moved on? */
static inline bool stream_answer_moved(const struct stream *s)
{
	return spanq_empty(&s->back->in) && !stream_in_pipe(s, false);
}
/* The server failed before answering: retry, redispatch, or give up. */
enum step_result stream_server_failed(struct stream *s, enum retry_on kind, int status, enum term_who who,
				      enum term_when when, enum term_reason r);
/* Gives the server back and starts over, with it or with another one. sent: it had the request already. */
enum step_result stream_try_again(struct stream *s, bool sent);
/* That server shall not be asked again for s as long as there are others. */
void stream_avoid(struct stream *s, const struct srv *was);
/* Starts over without counting: the pooled connection was dead. */
enum step_result stream_retry_silently(struct stream *s);
void stream_count_retry(struct stream *s, struct srv *was);
/* Counts one more try with the server whose slot s has. */
void stream_next_try(struct stream *s);
/* ST_KILLED: ends with the letter of whoever asked for it. */
enum step_result stream_killed(struct stream *s, enum term_when when);
bool stream_may_retry(const struct stream *s, enum retry_on kind);
/* after-response rules: backend's, then frontend's. False: they failed. */
bool stream_after_rules(struct stream *s);
/* Fills s->res from a reply (or the built-in page of the status). */
/* Builds a reply's formats while the messages that they speak of are there: in the direction of the rule. */
void reply_prepare(struct stream *s, const struct reply *r);
void reply_build(struct stream *s, int status, const struct reply *r, struct str *body);
const struct reply *reply_find(const struct stream *s, int status);
struct str reply_builtin(int status);
/* An answer that sends the client to `location`, in mem; there is room for one more field. */
struct reply *reply_redirect(struct arena *mem, int code, struct str location);
void reply_add_raw(struct reply *r, struct str name, struct str value);
/* What option -d shows. */
void stream_show_accept(const struct stream *s);
void stream_show_request(const struct stream *s);
void stream_show_answer(const struct stream *s);
void stream_show_end(const struct stream *s);
/* What could not be parsed is kept for show errors. */
void stream_keep_bad_request(const struct stream *s);
void stream_keep_bad_answer(const struct stream *s);
/* option checkcache: would caches give this answer's cookie to everybody? Then it is refused. */
/* May a cache keep the answer, by its status and its fields? */
bool stream_may_be_stored(const struct stream *s);
bool stream_leaks_cookie(const struct stream *s);
enum step_result stream_keep_cookie(struct stream *s);
/* Adds what has passed since the last time to the counters of bytes. */
void stream_count_bytes(struct stream *s);
/* A request that came as far as the rules about requests. */
void stream_count_request(struct stream *s);
/* It failed for a reason of our own; n changes did not fit into a head. Both for all that took part. */
void stream_count_internal(struct stream *s);
void stream_count_rewrites(struct stream *s, uint32_t n);
/* The answer was made here: counted where the frontend's own rules wanted it. */
void stream_count_intercepted(struct stream *s);
/* 1 or 2: what a connection speaks. */
int stream_conn_major(const struct conn *c);
/* The status that the client gets, 0: none; of the frontend and the backend. */
void stream_count_status(struct stream *s, int status);
/* What the server answered, whatever rules make of it. */
void stream_count_answer(struct stream *s);
void stream_capture_response(struct stream *s);
void stream_capture_set_cookie(struct stream *s);
/* Of the request, for its log line: on the way to a server, and when it is denied. */
void stream_capture_cookie(struct stream *s);
/* 100 Continue from the proxy itself, once, when the client waits for it. */
void stream_continue(struct stream *s);
/* DONE: the body is whole, the buffer full, or at_least bytes (0: all) are there; WAIT; or the stream was answered. */
enum step_result stream_wait_body(struct stream *s, size_t at_least);
/* Phases of an exchange in milliseconds as %Th, %Ti ... log them; -1: not reached. */
enum stream_time {
	T_HANDSHAKE, T_IDLE, T_REQUEST, T_QUEUE, T_CONNECT, T_RESPONSE, T_DATA, T_ACTIVE, T_TOTAL, T_TQ, T_USER,
};
int64_t stream_time(const struct stream *s, enum stream_time which);
/* Keeps a value in a capture slot of the frontend, cut to its length; slots that are not declared keep nothing. */
/* False: there is no such slot. */
bool stream_capture(struct stream *s, bool res, int id, struct str v);
/* Ends an exchange whose body was waited for: it is malformed or the client left; it takes too long. */
enum step_result stream_body_cut(struct stream *s);
enum step_result stream_body_late(struct stream *s);
/* A line, if this is a step at which the frontend wants one. */
void stream_log(struct stream *s, enum log_step step);
/* Before the end a line is made only where log-steps or option logasap ask for it. */
static inline bool stream_logs_early(const struct stream *s)
{
	return s->fe->log_steps || s->fe->options & PO_LOGASAP;
}
/* do-log: whatever else is logged. profile: or NULL. */
void stream_log_now(struct stream *s, enum log_step step, const struct log_profile *profile);
void session_log_error(struct session *se);
/* do-log before there is a stream. */
void session_log_now(struct session *se, enum log_step step, const struct log_profile *profile);
void session_drop_carried(struct session *se);
/* Plain bytes become HTTP (to: the mux that takes the connection, NULL: by the first bytes): this stream ends without a
 * word, the exchanges that follow are streams of their own. */
enum step_result stream_to_http(struct stream *s, const struct mux *to);
/* Room left for rewriting a head: false when the message has grown past bufsize - maxrewrite. */
bool stream_head_fits(const struct stream *s, const struct msg *m);

#endif
