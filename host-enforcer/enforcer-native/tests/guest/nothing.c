// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/* Does nothing, well; given any argument, does it until somebody ends it. */
#include <unistd.h>

int main(int count, char **argument)
{
	(void)argument;
	while (count > 1)
		pause();
	return 0;
}
