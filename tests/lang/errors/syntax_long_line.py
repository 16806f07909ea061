result = some_function_name(argument_one, argument_two) + another_function(argument_three argument_four)
