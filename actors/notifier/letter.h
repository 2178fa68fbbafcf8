/* letter.h - the text of a mail (RFC 5322), in 7 or 8 bits. */
#ifndef ACTORS_NOTIFIER_LETTER_H
#define ACTORS_NOTIFIER_LETTER_H

#include "actors/notifier/mail.h"
#include "schema/buf.h"

/* Whether an address may stand in a header and in an SMTP command: nothing in it ends either. */
bool letter_fit(slice_t address);

/* The same mail has the same Message-ID whenever it is written, so that whoever gets it twice
 * can tell.  `id` is the signed id of its link. */
void letter_write(buf_t *out, const mail_options_t *options, const mail_t *mail, slice_t id);

#endif
