package io.github.pgpure.spring;

import org.springframework.context.ApplicationEvent;

/**
 * The connection that {@link PgListener} methods share was lost and has been made again: notifications sent meanwhile were missed.
 *
 * <p>An application that must not miss a change reads its tables again when it receives this event, once for each channel.
 */
public class PgListenerGapEvent extends ApplicationEvent {

    private static final long serialVersionUID = 1L;

    private final String channel;

    /**
     * @param source what listens
     * @param channel the channel
     */
    public PgListenerGapEvent(Object source, String channel) {
        super(source);
        this.channel = channel;
    }

    /** The channel whose notifications may have been missed. */
    public String channel() {
        return channel;
    }
}
