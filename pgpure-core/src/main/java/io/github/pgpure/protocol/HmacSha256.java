package io.github.pgpure.protocol;

import io.github.pgpure.PgAuthenticationException;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC-SHA-256 with one key (<a href="https://www.rfc-editor.org/rfc/rfc2104">RFC 2104</a>) and what PBKDF2 makes of it; for one thread.
 *
 * <p>Made of {@link MessageDigest}, since a JVM that has just started takes longer to set {@code javax.crypto} up (its policies, its
 * providers and the verification of those) than for the rest of a login.
 */
final class HmacSha256 {

    /** How many bytes a SHA-256 hash has, and an HMAC made of it. */
    static final int LENGTH = 32;

    private static final int BLOCK = 64;

    private final MessageDigest digest = sha256();

    /** The key as the inner hash takes it, and behind it room for what PBKDF2 hashes next. */
    private final byte[] inner = new byte[BLOCK + LENGTH];

    /** The key as the outer hash takes it, and behind it the inner hash. */
    private final byte[] outer = new byte[BLOCK + LENGTH];

    HmacSha256(byte[] key) {
        byte[] block = Arrays.copyOf(key.length > BLOCK ? digest.digest(key) : key, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            inner[i] = (byte) (block[i] ^ 0x36);
            outer[i] = (byte) (block[i] ^ 0x5C);
        }
    }

    static byte[] hash(byte[] data) {
        return sha256().digest(data);
    }

    byte[] of(byte[] data) {
        digest.update(inner, 0, BLOCK);
        digest.update(data);
        byte[] hash = digest.digest();
        digest.update(outer, 0, BLOCK);
        return digest.digest(hash);
    }

    /** The first block of PBKDF2 (<a href="https://www.rfc-editor.org/rfc/rfc8018">RFC 8018</a>), of which the key is the password. */
    byte[] pbkdf2(byte[] salt, int iterations) {
        byte[] saltAndBlockNumber = Arrays.copyOf(salt, salt.length + 4);
        saltAndBlockNumber[salt.length + 3] = 1;
        byte[] latest = of(saltAndBlockNumber);
        byte[] all = latest.clone();
        System.arraycopy(latest, 0, inner, BLOCK, LENGTH);
        try {
            // Most of them run in the interpreter where a JVM has just started: nothing is copied or made anew.
            for (int i = 1; i < iterations; i++) {
                digest.update(inner);
                digest.digest(outer, BLOCK, LENGTH);
                digest.update(outer);
                digest.digest(inner, BLOCK, LENGTH);
                for (int at = 0; at < LENGTH; at++) {
                    all[at] ^= inner[BLOCK + at];
                }
            }
        } catch (DigestException e) {
            throw new IllegalStateException("a hash of " + LENGTH + " bytes did not fit", e);
        }
        return all;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new PgAuthenticationException("this JVM has no SHA-256, which every JVM should have", e);
        }
    }
}
