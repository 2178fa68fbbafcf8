/* notify.h - what systemd is told of a service of Type=notify (sd_notify(3)). */
#ifndef BROKER_NOTIFY_H
#define BROKER_NOTIFY_H

/* Say "READY=1", "STOPPING=1" or whatever else; nothing where nobody asked for it. */
void notify(const char *state);

#endif
