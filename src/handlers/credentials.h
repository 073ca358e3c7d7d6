/* The field Authorization with the scheme Basic: RFC 7617. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

/* With their NUL; crypt(3) takes no more of a password. */
#define CREDENTIALS_USER_SIZE		256
#define CREDENTIALS_PASSWORD_SIZE	512

struct credentials {
	char	user[CREDENTIALS_USER_SIZE];
	char	password[CREDENTIALS_PASSWORD_SIZE];
};

/*
 * Reads the field's value: 0, or -1 for another scheme, for what is not
 * base64 as RFC 4648 has it, with its padding, for control characters, and
 * for what is too long.  explicit_bzero(3) them when they are used.
 */
int credentials_parse(struct credentials *credentials, const char *value);

#endif
