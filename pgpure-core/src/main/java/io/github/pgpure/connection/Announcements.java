package io.github.pgpure.connection;

import io.github.pgpure.Notification;
import io.github.pgpure.ServerMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server sends of its own accord: hands notices to their handler or the log, and keeps notifications until somebody asks for them. For
 * the session's owner.
 */
final class Announcements implements Wire.AsyncHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /** How many notifications are kept for a connection that listens and never asks for them. */
    private static final int MAX_KEPT = 10_000;

    /** How many characters they may have together; the payload of one has at most 8,000 bytes. */
    private static final int MAX_KEPT_CHARACTERS = 16_000_000;

    /** A statement that warns for each row must not flood the log. */
    private static final RateLimit WARNINGS = new RateLimit(10, Duration.ofSeconds(10));

    private final Deque<Notification> kept = new ArrayDeque<>();
    private int keptCharacters;
    private boolean dropped;
    private @Nullable Consumer<Notification> receiver;

    /** The last handle of the session, which knows the handler for notices as long as it is open. */
    private @Nullable SessionConnection handle;

    /** Whether the user's functions are not to be called: what a cancelled statement still brings comes on a thread that they must not hold up. */
    private boolean quiet;

    /** Whether notices are only logged, and notifications kept. For whoever has the wire. */
    void quiet(boolean only) {
        quiet = only;
    }

    /** Forgets what the last user of the session has not asked for: the next one uses this handle. */
    void reset(SessionConnection newHandle) {
        handle = newHandle;
        kept.clear();
        keptCharacters = 0;
        dropped = false;
    }

    /** Has notifications delivered as they come, those that were kept at once; null has them kept again. */
    void receive(@Nullable Consumer<Notification> newReceiver) {
        receiver = newReceiver;
        if (newReceiver != null) {
            while (!kept.isEmpty()) {
                notification(removeOldest());
            }
            dropped = false;
        }
    }

    @Override
    public void notice(ServerMessage notice) {
        Consumer<ServerMessage> handler = handle == null || quiet ? null : handle.noticeHandler();
        if (handler != null) {
            try {
                handler.accept(notice);
            } catch (RuntimeException e) {
                LOG.warn("a notice handler failed", e);
            }
        } else if (notice.severity().equals("WARNING") && WARNINGS.mayPass()) {
            long silenced = WARNINGS.takeSuppressed();
            LOG.warn("{}{}", notice, silenced == 0 ? "" : " (" + silenced + " more warnings were logged at DEBUG)");
        } else {
            LOG.debug("{}", notice);
        }
    }

    @Override
    public void notification(Notification notification) {
        Consumer<Notification> current = receiver;
        if (current == null || quiet) {
            // It came along with the answer to a statement, and waits for somebody to ask.
            keep(notification);
            return;
        }
        try {
            current.accept(notification);
        } catch (RuntimeException e) {
            LOG.warn("a listener for notifications on {} failed", notification.channel(), e);
        }
    }

    private void keep(Notification notification) {
        kept.addLast(notification);
        keptCharacters += characters(notification);
        while (kept.size() > MAX_KEPT || keptCharacters > MAX_KEPT_CHARACTERS) {
            removeOldest();
            if (!dropped) {
                dropped = true;
                LOG.warn("the oldest of the notifications that nobody asks for are dropped: "
                        + "call awaitNotifications, or UNLISTEN");
            }
        }
    }

    private Notification removeOldest() {
        Notification oldest = kept.removeFirst();
        keptCharacters -= characters(oldest);
        return oldest;
    }

    private static int characters(Notification notification) {
        return notification.channel().length() + notification.payload().length();
    }
}
