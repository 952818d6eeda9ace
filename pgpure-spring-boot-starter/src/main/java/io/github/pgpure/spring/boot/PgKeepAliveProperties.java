package io.github.pgpure.spring.boot;

import io.github.pgpure.TcpKeepAlive;
import java.time.Duration;

/** How TCP finds out that the server is gone. */
public class PgKeepAliveProperties {

    /** Whether anything is sent while a connection is silent. */
    private boolean enabled = true;

    /** Silence after which the first probe is sent, in whole seconds. Zero for the operating system's default. */
    private Duration idle = Duration.ZERO;

    /** Time between probes, in whole seconds. Zero for the operating system's default. */
    private Duration interval = Duration.ZERO;

    /** Unanswered probes after which the connection is given up. Zero for the operating system's default. */
    private int count;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public Duration getIdle() {
        return idle;
    }

    public void setIdle(Duration idle) {
        this.idle = idle;
    }

    public Duration getInterval() {
        return interval;
    }

    public void setInterval(Duration interval) {
        this.interval = interval;
    }

    public int getCount() {
        return count;
    }

    public void setCount(int count) {
        this.count = count;
    }

    TcpKeepAlive toTcpKeepAlive() {
        return new TcpKeepAlive(enabled, idle, interval, count);
    }
}
