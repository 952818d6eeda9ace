package io.github.pgpure;

import java.time.Duration;

/**
 * How TCP finds out that the other end is gone while nothing is sent; immutable. Has no effect on Unix sockets.
 *
 * <p>What is left at zero is the operating system's choice, on Linux 2 hours, 75 s and 9. Times are whole seconds; what a system has no
 * option for is ignored.
 *
 * @param enabled whether anything is sent at all
 * @param idle the silence after which the first probe is sent; zero for the system's default
 * @param interval the time between probes; zero for the system's default
 * @param count the unanswered probes after which the connection is given up; zero for the system's default
 */
public record TcpKeepAlive(boolean enabled, Duration idle, Duration interval, int count) {

    /** On, with the operating system's times: the default. */
    public static final TcpKeepAlive SYSTEM = new TcpKeepAlive(true, Duration.ZERO, Duration.ZERO, 0);

    /** Off. */
    public static final TcpKeepAlive OFF = new TcpKeepAlive(false, Duration.ZERO, Duration.ZERO, 0);

    /** @throws IllegalArgumentException when a value is negative, or a time is above zero and below one second */
    public TcpKeepAlive {
        check("idle", idle);
        check("interval", interval);
        if (count < 0) {
            throw new IllegalArgumentException("the count of keep-alive probes must not be negative: " + count);
        }
    }

    private static void check(String name, Duration time) {
        if (time.isNegative() || !time.isZero() && time.toSeconds() == 0 || time.toSeconds() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the keep-alive " + name + " must be zero or a number of seconds, not " + time);
        }
    }
}
