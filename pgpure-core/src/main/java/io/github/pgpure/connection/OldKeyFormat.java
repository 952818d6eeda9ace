package io.github.pgpure.connection;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/**
 * Wraps private keys of OpenSSL's older formats, PKCS #1 for RSA and SEC 1 for elliptic curves, in PKCS #8, which is what Java reads (RFC 5208):
 *
 * <pre>
 *   SEQUENCE { INTEGER 0 | AlgorithmIdentifier | OCTET STRING { the key in its old format } }
 * </pre>
 *
 * <p>Which algorithm it is, with the curve's name, stands in the public key that belongs to it.
 */
final class OldKeyFormat {

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

    private OldKeyFormat() {}

    static byte[] toPkcs8(byte[] key, PublicKey publicKey) throws GeneralSecurityException {
        byte[] algorithm = firstElement(contentOf(publicKey.getEncoded()));
        var content = new ByteArrayOutputStream();
        content.writeBytes(VERSION_0);
        content.writeBytes(algorithm);
        content.writeBytes(element(OCTET_STRING, key));
        return element(SEQUENCE, content.toByteArray());
    }

    /** What is in the outermost element of a public key. */
    private static byte[] contentOf(byte[] der) throws GeneralSecurityException {
        return Arrays.copyOfRange(der, headerLength(der), der.length);
    }

    private static byte[] firstElement(byte[] der) throws GeneralSecurityException {
        int header = headerLength(der);
        int length = der[1] & 0xff;
        if (length > 0x7f) {
            length = 0;
            for (int i = 2; i < header; i++) {
                length = length << 8 | der[i] & 0xff;
            }
        }
        if (length < 0 || length > der.length - header) {
            throw new InvalidKeySpecException("malformed public key");
        }
        return Arrays.copyOf(der, header + length);
    }

    private static int headerLength(byte[] der) throws GeneralSecurityException {
        int lengthBytes = der.length < 2 ? 9 : (der[1] & 0xff) > 0x7f ? der[1] & 0x7f : 0;
        if (lengthBytes > 4 || der.length < 2 + lengthBytes || der[0] != SEQUENCE) {
            throw new InvalidKeySpecException("malformed public key");
        }
        return 2 + lengthBytes;
    }

    private static byte[] element(int tag, byte[] content) {
        var out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        int length = content.length;
        if (length <= 0x7f) {
            out.write(length);
        } else {
            int lengthBytes = length <= 0xff ? 1 : length <= 0xffff ? 2 : length <= 0xff_ffff ? 3 : 4;
            out.write(0x80 | lengthBytes);
            for (int i = lengthBytes - 1; i >= 0; i--) {
                out.write(length >>> 8 * i);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
