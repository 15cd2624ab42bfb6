/* SPDX-License-Identifier: Apache-2.0 */
/* must not compile: the sender of one channel is closed as that of another (-DRIGHT: its own) */
#include "task/channels.h"

void close_sender(struct report_sender *s);

void close_sender(struct report_sender *s)
{
#ifdef RIGHT
	report_close(s);
#else
	fact_close(s);
#endif
}
